import * as net from 'node:net'
import type { Listening, ListenOptions, Network, Socket } from './environment.ts'
import { RealSocket } from './real-socket.ts'

/** TCP of this machine. */
export const realNetwork: Network = { listen, connect }

function listen(options: ListenOptions, onConnection: (socket: Socket) => void) {
  return new Promise<Listening>((resolve, reject) => {
    const server = net.createServer({ pauseOnConnect: true, noDelay: true }, (accepted) => {
      if (accepted.remoteAddress === undefined)
        accepted.destroy() // already gone again
      else onConnection(new RealSocket(accepted))
    })
    server.once('error', reject)
    const { host, port, backlog } = options
    const where = host === '' ? { port } : { host, port } // without a host: IPv6 and IPv4
    server.listen({ ...where, backlog, exclusive: true }, () => {
      server.off('error', reject)
      // From now on an error is a connection that could not be accepted (such as EMFILE): the peer
      // sees it closed, and the next one is tried.
      server.on('error', () => {})
      resolve(listeningOf(server))
    })
  })
}

function listeningOf(server: net.Server): Listening {
  // A TCP server's address is an object, never a pipe's name.
  const { address, port } = server.address() as net.AddressInfo
  return {
    host: address,
    port,
    close() {
      // Its callback waits for the open connections, which are not ours to wait for: the port is
      // free as soon as the call returns.
      if (server.listening) server.close()
      return Promise.resolve()
    },
  }
}

function connect(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const socket = net.connect({ host, port, noDelay: true })
    socket.pause()
    const abort = () => socket.destroy(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    socket.once('error', (error) => {
      signal.removeEventListener('abort', abort)
      reject(error)
    })
    socket.once('connect', () => {
      signal.removeEventListener('abort', abort)
      socket.removeAllListeners('error')
      resolve(new RealSocket(socket))
    })
  })
}
