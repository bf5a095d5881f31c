import * as net from 'node:net'
import type { Socket, SocketEvents } from './environment.ts'

/**
 * One TCP connection of Node behind the kernel's interface.
 *
 * Node reads into a fresh 64 KB buffer per read unless a socket is made with `onread`, which neither
 * accepted sockets nor paused ones can be given afterwards. So `start` makes a second socket around
 * the first one's handle: half the CPU per byte received, and large frames land where they stay.
 * The handle is a private property; where it is missing, bytes are copied from 'data' events.
 */
export class RealSocket implements Socket {
  readonly remoteHost: string
  readonly remotePort: number
  readonly localHost: string
  readonly localPort: number
  #socket: net.Socket
  #started = false
  /** The peer or we ended the stream: nothing more can be sent. */
  #ended = false
  #events: SocketEvents | undefined
  /** A write could not be handed to the system at once, and `drained` has not been told since. */
  #waiting = false

  /** @param socket connected, paused, without bytes read. */
  constructor(socket: net.Socket) {
    this.#socket = socket
    this.remoteHost = plainHost(socket.remoteAddress)
    this.remotePort = socket.remotePort ?? 0
    this.localHost = plainHost(socket.localAddress)
    this.localPort = socket.localPort ?? 0
    socket.on('error', ignore)
  }

  start(events: SocketEvents): void {
    if (this.#started) throw new Error('the socket has been started before')
    this.#started = true
    this.#events = events
    const socket = this.#adopt(events) ?? readByEvents(this.#socket, events)
    this.#socket = socket
    let failure: Error | undefined
    socket.on('error', (error) => {
      failure ??= error
    })
    socket.on('end', () => {
      this.#ended = true
      socket.end()
    })
    socket.on('close', () => {
      this.#ended = true
      events.closed(failure)
    })
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  write(chunks: readonly Uint8Array[], sent?: () => void): number {
    const socket = this.#socket
    if (this.#ended || chunks.length === 0) return socket.writableLength
    const last = chunks.length - 1
    if (last > 0) socket.cork()
    for (let index = 0; index < last; index++) socket.write(chunks[index]!)
    socket.write(chunks[last]!, (error) => {
      if (!error) this.#written(sent)
    })
    if (last > 0) socket.uncork()
    if (socket.writableLength > 0) this.#waiting = true
    return socket.writableLength
  }

  waitingBytes(): number {
    const socket: WithHandle = this.#socket
    const handle = socket._handle
    // Node counts a write as a whole until it is finished; its handle knows what is left of it.
    if (typeof handle !== 'object' || handle === null) return socket.writableLength
    if (!('writeQueueSize' in handle && 'bytesWritten' in handle)) return socket.writableLength
    const undispatched = socket.bytesWritten - Number(handle.bytesWritten)
    return undispatched + Number(handle.writeQueueSize)
  }

  end(): void {
    this.#ended = true
    this.#socket.end()
  }

  destroy(): void {
    this.#ended = true
    this.#socket.destroy()
  }

  #written(sent: (() => void) | undefined): void {
    sent?.()
    if (!this.#waiting || this.#socket.writableLength > 0) return
    this.#waiting = false
    this.#events?.drained()
  }

  #adopt(events: SocketEvents): net.Socket | undefined {
    const accepted: WithHandle = this.#socket
    const handle = accepted._handle
    if (typeof handle !== 'object' || handle === null || !('useUserBuffer' in handle)) return
    accepted._handle = null
    return new net.Socket({
      // Declared for one other kind of handle only; Node's own server passes this kind.
      handle: handle as unknown as net.BoundSocket,
      readable: true,
      writable: true,
      onread: {
        buffer: () => events.buffer(),
        callback(count) {
          events.received(count)
          return true
        },
      },
    })
  }
}

type WithHandle = net.Socket & { _handle?: unknown }

/** The public way: Node's buffers, copied to where the owner wants the bytes. */
export function readByEvents(socket: net.Socket, events: SocketEvents): net.Socket {
  socket.on('data', (data: Buffer) => {
    for (let at = 0; at < data.length && !socket.destroyed; ) {
      const into = events.buffer()
      const count = Math.min(into.length, data.length - at)
      into.set(data.subarray(at, at + count))
      at += count
      events.received(count)
    }
  })
  socket.resume()
  return socket
}

/** An IPv4 address that came in through an IPv6 socket is shown as IPv4. */
function plainHost(address: string | undefined): string {
  if (address === undefined) return ''
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address
}

function ignore(): void {}
