import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Network, Socket, SocketEvents } from './environment.ts'
import { MemoryNetwork } from './memory-network.ts'
import { realClock, realTimers } from './real-clock.ts'
import { realNetwork } from './real-network.ts'
import { seededRandom } from './seeded-random.ts'

/** What every network promises. */
function networkContract(name: string, network: Network): void {
  const never = new AbortController().signal

  /** A connection, both ends recorded; `inside` runs while a timer keeps the process alive. */
  async function connected(
    inside: (client: Recorded, server: Recorded) => Promise<void>,
    bufferBytes = 65_536,
  ): Promise<void> {
    const keepAlive = setInterval(() => {}, 1_000)
    const accepted = Promise.withResolvers<Socket>()
    const listening = await network.listen(LOCAL, accepted.resolve)
    const client = await network.connect('127.0.0.1', listening.port, never)
    const server = await accepted.promise
    assert.equal(server.localPort, listening.port)
    assert.equal(server.remotePort, client.localPort)
    assert.equal(client.remotePort, listening.port)
    await inside(record(client, bufferBytes), record(server, bufferBytes))
    client.destroy()
    server.destroy()
    await listening.close()
    clearInterval(keepAlive)
  }

  describe(`${name}: sockets`, () => {
    test('bytes arrive whole and in order, in both directions, nothing before start', () =>
      connected(async (client, server) => {
        const chunks = Array.from({ length: 300 }, (_, index) => new Uint8Array(997).fill(index))
        const all = Buffer.concat(chunks)
        client.start()
        client.socket.write(chunks.slice(0, 100))
        for (const chunk of chunks.slice(100)) client.socket.write([chunk])
        await turns(20)
        assert.equal(server.bytes().length, 0)
        server.start()
        await until(() => server.bytes().length === all.length)
        assert.ok(server.bytes().equals(all))
        server.socket.write(chunks)
        await until(() => client.bytes().length === all.length)
        assert.ok(client.bytes().equals(all))
      }))

    test('each read goes into the buffer that was given last', () =>
      connected(async (client, server) => {
        client.start()
        server.start()
        client.socket.write([new Uint8Array(50_000).fill(5)])
        await until(() => server.bytes().length === 50_000)
        assert.ok(server.largestRead() <= 1_000)
      }, 1_000))

    test('sent is told in order, after the bytes left', () =>
      connected(async (client, server) => {
        client.start()
        server.start()
        const order: number[] = []
        client.socket.write([new Uint8Array(10)], () => order.push(1))
        client.socket.write([new Uint8Array(10), new Uint8Array(10)], () => order.push(2))
        assert.deepEqual(order, [])
        await until(() => order.length === 2)
        assert.deepEqual(order, [1, 2])
      }))

    test('a reader that pauses holds the writer back, and drained tells when it goes on', () =>
      connected(async (client, server) => {
        client.start()
        server.start()
        server.socket.pause()
        const chunk = new Uint8Array(1_048_576)
        let waiting = 0
        for (let count = 0; count < 40 && waiting < chunk.length; count++) {
          waiting = client.socket.write([chunk])
          await turns(2)
        }
        assert.ok(waiting >= chunk.length)
        assert.equal(client.drained, 0)
        const left = client.socket.waitingBytes()
        assert.ok(left > 0 && left <= waiting)
        const before = server.bytes().length
        await turns(10)
        assert.equal(server.bytes().length, before)
        server.socket.resume()
        await until(() => client.drained === 1)
        assert.equal(client.socket.waitingBytes(), 0)
      }))

    test('end closes both sides after everything written has arrived', () =>
      connected(async (client, server) => {
        client.start()
        server.start()
        client.socket.write([new Uint8Array(300_000)])
        client.socket.end()
        await until(() => server.closed === 1 && client.closed === 1)
        assert.equal(server.bytes().length, 300_000)
        assert.equal(server.error, undefined)
        assert.equal(client.error, undefined)
        client.socket.write([new Uint8Array(1)])
        server.socket.write([new Uint8Array(1)])
        server.socket.destroy()
        server.socket.end()
        await turns(10)
        assert.deepEqual([server.closed, client.closed], [1, 1])
      }))

    test('destroy closes at once on this side and soon on the other', () =>
      connected(async (client, server) => {
        client.start()
        server.start()
        await turns(5)
        client.socket.destroy()
        await until(() => server.closed === 1 && client.closed === 1)
        assert.equal(client.error, undefined)
      }))

    test('a connection that ended before it was started tells so when it is', () =>
      connected(async (client, server) => {
        client.start()
        client.socket.destroy()
        await turns(20)
        server.start()
        await until(() => server.closed === 1)
      }))
  })

  describe(`${name}: listening and connecting`, () => {
    test('a port is taken once, and free again when closed', async () => {
      const first = await network.listen(LOCAL, () => {})
      const options = { ...LOCAL, port: first.port }
      await assert.rejects(
        network.listen(options, () => {}),
        { code: 'EADDRINUSE' },
      )
      await first.close()
      await first.close()
      await (await network.listen(options, () => {})).close()
    })

    test('a port where nobody listens refuses', async () => {
      const keepAlive = setInterval(() => {}, 1_000)
      const { port, close } = await network.listen(LOCAL, () => {})
      await close()
      await assert.rejects(network.connect('127.0.0.1', port, never), { code: 'ECONNREFUSED' })
      clearInterval(keepAlive)
    })

    test('a signal that fired ends the attempt', async () => {
      const reason = new Error('enough')
      const signal = AbortSignal.abort(reason)
      await assert.rejects(network.connect('127.0.0.1', 1, signal), reason)
    })
  })
}

const LOCAL = { host: '127.0.0.1', port: 0, backlog: 16 }

interface Recorded {
  readonly socket: Socket
  drained: number
  closed: number
  error: Error | undefined
  start(): void
  bytes(): Buffer
  largestRead(): number
}

function record(socket: Socket, bufferBytes: number): Recorded {
  const reads: Uint8Array[] = []
  const buffer = new Uint8Array(bufferBytes)
  const recorded: Recorded = {
    socket,
    drained: 0,
    closed: 0,
    error: undefined,
    start: () => socket.start(events),
    bytes: () => Buffer.concat(reads),
    largestRead: () => Math.max(...reads.map((read) => read.length)),
  }
  const events: SocketEvents = {
    buffer: () => buffer,
    received: (count) => void reads.push(buffer.slice(0, count)),
    drained: () => void recorded.drained++,
    closed(error) {
      recorded.closed++
      recorded.error = error
    },
  }
  return recorded
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setTimeout(resolve, 1))
}

async function until(holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 5_000 && !holds(); turn++) await turns(1)
  assert.ok(holds())
}

networkContract('real network', realNetwork)
const options = { clock: realClock, timers: realTimers(realClock), random: seededRandom(1) }
networkContract('memory network', new MemoryNetwork(options).of('a'))
const splitting = new MemoryNetwork({ ...options, splitReads: true })
networkContract('memory network that splits reads', splitting.of('a'))
