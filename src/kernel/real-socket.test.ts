import assert from 'node:assert/strict'
import { once } from 'node:events'
import * as net from 'node:net'
import { test } from 'node:test'
import { RealSocket, readByEvents } from './real-socket.ts'

/** Both ends of a connection: the accepted one paused, as a server hands it on. */
async function pair(inside: (accepted: net.Socket, peer: net.Socket) => Promise<void>) {
  const server = net.createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  // A TCP server's address is an object.
  const { port } = server.address() as net.AddressInfo
  const peer = net.connect(port, '127.0.0.1')
  const [accepted]: net.Socket[] = await once(server, 'connection')
  await inside(accepted!, peer)
  peer.destroy()
  accepted!.destroy()
  server.close()
}

/** Collects what arrives in a buffer of `size` bytes. */
function collector(size: number) {
  const buffer = new Uint8Array(size)
  const parts: Uint8Array[] = []
  const all = Promise.withResolvers<void>()
  return {
    bytes: () => Buffer.concat(parts),
    closed: all.promise,
    events: {
      buffer: () => buffer,
      received: (count: number) => void parts.push(buffer.slice(0, count)),
      drained() {},
      closed: () => all.resolve(),
    },
  }
}

test('where Node has no handle to adopt, bytes are copied from its events', () =>
  pair(async (accepted, peer) => {
    const sent = Buffer.from(Uint8Array.from({ length: 200_000 }, (_, index) => index * 7))
    const { bytes, events } = collector(1_000)
    const socket = readByEvents(accepted, events)
    peer.end(sent)
    await once(socket, 'end')
    assert.ok(bytes().equals(sent))
  }))

test('this Node has a handle that can be adopted: reads go into our own buffer', () =>
  pair(async (accepted, peer) => {
    const { bytes, closed, events } = collector(1_000)
    const socket = new RealSocket(accepted)
    socket.start(events)
    peer.end(Buffer.alloc(50_000, 3))
    await closed
    assert.equal(bytes().length, 50_000)
    assert.equal(accepted.bytesRead, 0, 'the accepted socket itself has read nothing')
  }))

test('addresses of IPv4 peers are shown as IPv4, also on a socket for both', async () => {
  const server = net.createServer({ pauseOnConnect: true }).listen(0)
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  const peer = net.connect(port, '127.0.0.1')
  const [accepted]: net.Socket[] = await once(server, 'connection')
  const socket = new RealSocket(accepted!)
  assert.deepEqual([socket.remoteHost, socket.localHost], ['127.0.0.1', '127.0.0.1'])
  assert.equal(socket.localPort, port)
  socket.destroy()
  peer.destroy()
  server.close()
})
