import assert from 'node:assert/strict'
import { test } from 'node:test'
import { flatten, readInt32, writeInt32 } from '../kernel/bytes.ts'
import type { Socket, SocketEvents } from '../kernel/environment.ts'
import { collectingLogger } from '../kernel/logger.ts'
import { Simulation } from '../kernel/simulated-environment.ts'
import type { ConnectionInfo, HandleRequest, Respond } from './connection.ts'
import type { NetworkLimits } from './limits.ts'
import { NetworkServer } from './server.ts'

const LIMITS: NetworkLimits = {
  requestMaxBytes: 1_000_000,
  queuedRequestMaxBytes: Number.POSITIVE_INFINITY,
  maxConnections: 1_000,
  maxConnectionsPerHost: 1_000,
  maxConnectionsByHost: new Map(),
  idleMs: 600_000,
  firstRequestMs: 10_000,
  firstRequestMaxBytes: 65_536,
  slowReaderMs: 30_000,
  responseQueueMaxBytes: 1_000_000,
  maxInFlight: 16,
}

interface Request {
  readonly frame: Uint8Array
  readonly connection: ConnectionInfo
  readonly respond: Respond
}

/** A broker host `b` whose requests are kept, and a way to connect to it from any host. */
async function world(options: { limits?: Partial<NetworkLimits>; handle?: HandleRequest } = {}) {
  const simulation = new Simulation(1)
  const environment = simulation.host('b').environment()
  const logger = collectingLogger()
  const requests: Request[] = []
  const keep: HandleRequest = (frame, connection, respond) => {
    requests.push({ frame, connection, respond })
  }
  const server = new NetworkServer({
    environment,
    logger,
    listeners: [
      {
        name: 'PLAINTEXT',
        securityProtocol: 'PLAINTEXT',
        host: '',
        port: 9_092,
      },
    ],
    backlog: 50,
    limits: { ...LIMITS, ...options.limits },
    handle: options.handle ?? keep,
  })
  await server.open()
  const connect = async (from = 'c') => {
    const { signal } = new AbortController()
    const socket = simulation.network.of(from).connect('b', 9_092, signal)
    return new Peer(await simulation.until(socket))
  }
  const warnings = () => logger.entries.filter(({ level }) => level === 'warn')
  return { simulation, server, requests, connect, warnings, logger }
}

/** The asking side, as plain as can be. */
class Peer {
  readonly socket: Socket
  /** What each read brought. */
  readonly reads: Uint8Array[] = []
  closed = false

  constructor(socket: Socket) {
    this.socket = socket
    const buffer = new Uint8Array(100_000)
    const events: SocketEvents = {
      buffer: () => buffer,
      received: (count) => void this.reads.push(buffer.slice(0, count)),
      drained() {},
      closed: () => {
        this.closed = true
      },
    }
    socket.start(events)
  }

  /** Sends requests whose correlation ids are `ids`. */
  send(...ids: readonly number[]): void {
    this.socket.write(ids.map((id) => frameOf(id)))
  }

  /** The correlation ids of all answers so far. */
  ids(): readonly number[] {
    const all = flatten(this.reads)
    const ids: number[] = []
    for (let at = 0; at < all.length; at += 4 + readInt32(all, at)) ids.push(readInt32(all, at + 4))
    return ids
  }
}

/** An ApiVersions request (18) of version 0 with `extra` bytes behind its correlation id. */
function frameOf(id: number, extra = 2, apiKey = 18): Uint8Array {
  const frame = new Uint8Array(12 + extra)
  writeInt32(frame, 0, 8 + extra)
  writeInt32(frame, 4, apiKey << 16)
  writeInt32(frame, 8, id)
  return frame
}

function answerTo(frame: Uint8Array, extra = 0): Uint8Array[] {
  const answer = new Uint8Array(8)
  writeInt32(answer, 0, 4 + extra)
  writeInt32(answer, 4, readInt32(frame, 4))
  return extra === 0 ? [answer] : [answer, new Uint8Array(extra)]
}

const echo: HandleRequest = (frame, _connection, respond) => respond(answerTo(frame))

test('answers leave in the order of the requests, whatever order they become ready in', async () => {
  const { simulation, requests, connect } = await world()
  const peer = await connect()
  peer.send(0, 1, 2, 3, 4)
  await simulation.advance(10)
  assert.equal(requests.length, 5)
  for (const index of [3, 1]) requests[index]!.respond(answerTo(requests[index]!.frame))
  await simulation.advance(10)
  assert.deepEqual(peer.ids(), [])
  for (const index of [0, 2]) requests[index]!.respond(answerTo(requests[index]!.frame))
  await simulation.advance(10)
  assert.deepEqual(peer.ids(), [0, 1, 2, 3])
  assert.equal(peer.reads.length, 1)
  requests[4]!.respond(answerTo(requests[4]!.frame))
  await simulation.advance(10)
  assert.deepEqual(peer.ids(), [0, 1, 2, 3, 4])
})

test('a request without an answer lets the ones behind it pass when its turn is over', async () => {
  const { simulation, requests, connect } = await world()
  const peer = await connect()
  peer.send(0, 1)
  await simulation.advance(10)
  requests[1]!.respond(answerTo(requests[1]!.frame))
  await simulation.advance(10)
  assert.deepEqual(peer.ids(), [])
  let sent = 0
  requests[0]!.respond(null, () => sent++)
  await simulation.advance(10)
  assert.deepEqual(peer.ids(), [1])
  assert.equal(sent, 1)
})

test('a thousand pipelined requests are all answered, in one write per turn', async () => {
  const { simulation, connect } = await world({ handle: echo })
  const peer = await connect()
  const ids = Array.from({ length: 1_000 }, (_, id) => id)
  peer.send(...ids)
  await simulation.advance(10)
  assert.deepEqual(peer.ids(), ids)
  assert.equal(peer.reads.length, 1)
})

test('requests beyond the limit in work are read when earlier ones are answered', async () => {
  const { simulation, requests, connect } = await world()
  const peer = await connect()
  const ids = Array.from({ length: 100 }, (_, id) => id)
  for (const id of ids) peer.send(id)
  await simulation.advance(10)
  assert.equal(requests.length, 16)
  for (let index = 0; index < 100; index++) {
    requests[index]!.respond(answerTo(requests[index]!.frame))
    await simulation.advance(1)
    const inWork = requests.length - index - 1
    assert.ok(inWork <= 16, `${inWork} in work`)
  }
  await simulation.advance(10)
  assert.deepEqual(peer.ids(), ids)
})

test('reading stops while answers wait for a slow peer, and goes on when it reads', async () => {
  const { simulation, requests, connect, server } = await world({
    handle: (frame, connection, respond) => {
      requests.push({ frame, connection, respond })
      respond(answerTo(frame, 400_000))
    },
  })
  const peer = await connect()
  peer.socket.pause()
  for (let id = 0; id < 50; id++) {
    peer.send(id)
    await simulation.advance(1)
  }
  assert.ok(requests.length < 10, `${requests.length} were read`)
  assert.equal(server.connectionCount, 1)
  peer.socket.resume()
  await simulation.advance(1_000)
  assert.equal(peer.ids().length, 50)
})

test('a peer that reads nothing of its answers is closed, one that reads a little is not', async () => {
  const handle: HandleRequest = (frame, _connection, respond) => respond(answerTo(frame, 900_000))
  const { simulation, connect, server, warnings } = await world({ handle })
  const [deaf, slow] = [await connect('deaf'), await connect('slow')]
  for (const peer of [deaf, slow]) {
    peer.socket.pause()
    peer.send(1, 2, 3, 4, 5, 6, 7, 8)
  }
  for (let elapsedMs = 0; elapsedMs < 80_000; elapsedMs += 10_000) {
    await simulation.advance(10_000)
    slow.socket.resume()
    await simulation.advance(0)
    slow.socket.pause()
  }
  assert.equal(server.connectionCount, 1)
  assert.match(warnings()[0]?.message ?? '', /not read anything/)
  assert.match(String(warnings()[0]?.fields.remote), /^deaf:/)
})

test('the memory for requests stops reading on all connections and is shared fairly', async () => {
  const limits = { queuedRequestMaxBytes: 2_000 }
  const { simulation, requests, connect, server } = await world({ limits })
  const peers = [await connect('p'), await connect('q'), await connect('r')]
  for (const peer of peers) {
    for (let id = 0; id < 4; id++) peer.socket.write([frameOf(id, 992)])
  }
  await simulation.advance(10)
  assert.equal(requests.length, 2)
  assert.equal(server.requestBytes, 2_000)
  for (let index = 0; index < 12; index++) {
    requests[index]!.respond(answerTo(requests[index]!.frame))
    await simulation.advance(10)
    assert.ok(server.requestBytes <= 2_000)
  }
  for (const peer of peers) assert.deepEqual(peer.ids(), [0, 1, 2, 3])
  assert.equal(server.requestBytes, 0)
})

test('a frame that is being received counts as memory, is finished, and given back at the end', async () => {
  const limits = { queuedRequestMaxBytes: 2_000 }
  const { simulation, requests, connect, server } = await world({ limits })
  const [large, small] = [await connect('large'), await connect('small')]
  const frame = frameOf(1, 50_000, 0)
  large.socket.write([frame.subarray(0, 20_000)])
  await simulation.advance(10)
  small.send(1)
  await simulation.advance(10)
  assert.equal(requests.length, 0)
  large.socket.write([frame.subarray(20_000, 40_000)])
  await simulation.advance(10)
  large.socket.destroy()
  await simulation.advance(10)
  assert.equal(requests.length, 1)
  assert.equal(server.requestBytes, 10)
})

test('a new connection is not closed for a request that nobody had the memory to read', async () => {
  const { simulation, requests, connect } = await world({ limits: { queuedRequestMaxBytes: 10 } })
  const [first, second] = [await connect(), await connect()]
  first.send(1)
  await simulation.advance(10)
  second.send(2)
  await simulation.advance(25_000)
  assert.deepEqual([requests.length, second.closed], [1, false])
  requests[0]!.respond(answerTo(requests[0]!.frame))
  await simulation.advance(10)
  requests[1]!.respond(answerTo(requests[1]!.frame))
  await simulation.advance(10)
  assert.deepEqual(second.ids(), [2])
})

test('connections beyond a limit are refused, and taken again when others have left', async () => {
  const limits = {
    maxConnections: 4,
    maxConnectionsPerHost: 2,
    maxConnectionsByHost: new Map([['big', 3]]),
  }
  const { simulation, connect, server, warnings } = await world({ limits })
  const all: Peer[] = []
  for (const host of ['c', 'c', 'c', 'big', 'big', 'other']) all.push(await connect(host))
  await simulation.advance(10)
  assert.deepEqual(
    all.map(({ closed }) => closed),
    [false, false, true, false, false, true],
  )
  assert.equal(warnings().length, 2)
  all[0]!.socket.destroy()
  await simulation.advance(10)
  await connect('c')
  await simulation.advance(10)
  assert.equal(server.connectionCount, 4)
})

test('idle connections are closed, those that wait for an answer are not', async () => {
  const { simulation, requests, connect } = await world()
  const [idle, active, waiting] = [await connect(), await connect(), await connect()]
  idle.send(1)
  await simulation.advance(10)
  waiting.send(1)
  await simulation.advance(10)
  requests[0]!.respond(answerTo(requests[0]!.frame))
  for (let elapsedMs = 0; elapsedMs < 700_000; elapsedMs += 100_000) {
    active.send(1)
    await simulation.advance(100_000)
    const last = requests.at(-1)!
    last.respond(answerTo(last.frame))
  }
  assert.deepEqual(
    [idle, active, waiting].map(({ closed }) => closed),
    [true, false, false],
  )
})

test('no timer is needed per request, and none is left when all connections are gone', async () => {
  const { simulation, connect, server } = await world({ handle: echo })
  const peer = await connect()
  peer.send(...Array.from({ length: 5_000 }, (_, id) => id))
  await simulation.advance(10)
  peer.socket.destroy()
  await simulation.advance(600_000)
  assert.equal(server.connectionCount, 0)
  await assert.rejects(simulation.until(new Promise(() => {})), /nothing left to do/)
  assert.ok(simulation.elapsedMs < 1_300_000)
})

test('a connection that sends nothing, or not all of its first request, is closed soon', async () => {
  const { simulation, connect } = await world()
  const [silent, halting] = [await connect(), await connect()]
  halting.socket.write([frameOf(1).subarray(0, 9)])
  await simulation.advance(9_900)
  assert.deepEqual([silent.closed, halting.closed], [false, false])
  await simulation.advance(300)
  assert.deepEqual([silent.closed, halting.closed], [true, true])
})

const latin1 = (text: string) => Buffer.from(text, 'latin1')
const foreign: readonly (readonly [string, Uint8Array, RegExp])[] = [
  ['HTTP', latin1('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), /HTTP/],
  ['HTTP', latin1('POST /topics HTTP/1.1\r\n'), /HTTP/],
  ['TLS', latin1('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03'), /TLS.*security\.protocol/],
  ['SSH', latin1('SSH-2.0-OpenSSH_9.2\r\n'), /SSH/],
  ['the PROXY protocol', latin1('PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n'), /PROXY/],
  ['the PROXY protocol, version 2', latin1('\r\n\r\n\0\r\nQUIT\n!'), /PROXY/],
  ['PostgreSQL', latin1('\0\0\0\x08\x04\xd2\x16\x2f'), /PostgreSQL/],
  ['Redis', latin1('*1\r\n$4\r\nPING\r\n'), /Redis/],
  ['noise', latin1('\0\0\0\x20\xff\xff\xff\xffxxxxxxxx'), /no Kafka request/],
  ['a negative size', latin1('\xff\xff\xff\xff'), /no Kafka request/],
  ['a first request that is too large', frameOf(1, 70_000), /no Kafka request/],
]
for (const [what, bytes, line] of foreign) {
  test(`a peer that sends ${what} is closed at once, with one line that says so`, async () => {
    const { simulation, connect, requests, warnings } = await world()
    const peer = await connect()
    peer.socket.write([bytes])
    await simulation.advance(10)
    assert.ok(peer.closed)
    assert.equal(requests.length, 0)
    assert.equal(warnings().length, 1)
    assert.match(warnings()[0]!.message, line)
  })
}

test('a large first produce request is accepted', async () => {
  const { simulation, connect, requests } = await world()
  const peer = await connect()
  peer.socket.write([frameOf(1, 500_000, 0)])
  await simulation.advance(100)
  assert.equal(requests[0]?.frame.length, 500_008)
})

for (const size of [-1, 0, 3, 1_000_001, 0x7fffffff]) {
  test(`a frame of ${size} bytes after a first request closes the connection`, async () => {
    const { simulation, connect, requests, warnings } = await world()
    const peer = await connect()
    peer.send(1)
    const wrong = frameOf(2)
    writeInt32(wrong, 0, size)
    peer.socket.write([wrong])
    await simulation.advance(10)
    assert.ok(peer.closed)
    assert.equal(requests.length, 1)
    assert.equal(warnings().length, 1)
    assert.equal(warnings()[0]!.fields.sizeBytes, size)
  })
}

test('a flood of wrong connections does not flood the log', async () => {
  const { simulation, connect, warnings } = await world()
  for (let count = 0; count < 100; count++) {
    const peer = await connect()
    peer.socket.write([latin1('GET / HTTP/1.1\r\n')])
    await simulation.advance(10)
  }
  assert.equal(warnings().length, 20)
  await simulation.advance(60_000)
  const peer = await connect()
  peer.socket.write([latin1('GET / HTTP/1.1\r\n')])
  await simulation.advance(10)
  assert.equal(warnings().length, 22)
  assert.equal(warnings()[20]!.fields.count, 80)
})

test('what waits for an answer to leave is told once, also when the connection is gone', async () => {
  const { simulation, requests, connect, server } = await world()
  const peer = await connect()
  peer.send(0, 1, 2, 3)
  await simulation.advance(10)
  const told = [0, 0, 0, 0]
  const answer = (index: number) => {
    const { frame, respond } = requests[index]!
    respond(answerTo(frame), () => told[index]!++)
  }
  answer(0)
  await simulation.advance(10)
  answer(2)
  const { signal } = requests[0]!.connection
  assert.equal(signal.aborted, false)
  peer.socket.destroy()
  await simulation.advance(10)
  assert.ok(signal.aborted)
  answer(1)
  answer(3)
  assert.deepEqual(told, [1, 1, 1, 1])
  assert.deepEqual([server.connectionCount, server.requestBytes], [0, 0])
})

test('a handler that closes the connection gets no further request of it', async () => {
  let handled = 0
  const { simulation, connect, server, logger } = await world({
    handle: (_frame, connection) => {
      handled++
      connection.close('its request cannot be read')
    },
  })
  const peer = await connect()
  peer.send(1, 2, 3)
  await simulation.advance(10)
  assert.ok(peer.closed)
  assert.equal(handled, 1)
  assert.deepEqual([server.connectionCount, server.requestBytes], [0, 0])
  assert.equal(logger.entries.at(-1)?.fields.reason, 'its request cannot be read')
})

test('a request is answered once', async () => {
  const { simulation, requests, connect } = await world()
  const peer = await connect()
  peer.send(1)
  await simulation.advance(10)
  const { frame, respond } = requests[0]!
  respond(answerTo(frame))
  assert.throws(() => respond(answerTo(frame)), /answered once/)
})

test('closing lets requests in work be answered, takes no others, and ends in time', async () => {
  const { simulation, requests, connect, server } = await world()
  const [idle, working, stuck] = [await connect(), await connect(), await connect()]
  working.send(1)
  await simulation.advance(10)
  stuck.send(1)
  await simulation.advance(10)
  let isClosed = false
  const closed = server.close(5_000).then(() => {
    isClosed = true
  })
  await simulation.advance(100)
  assert.deepEqual(
    [idle, working, stuck].map((peer) => peer.closed),
    [true, false, false],
  )
  await assert.rejects(connect(), { code: 'ECONNREFUSED' })
  working.send(2)
  requests[0]!.respond(answerTo(requests[0]!.frame))
  await simulation.advance(100)
  assert.deepEqual(working.ids(), [1])
  assert.ok(working.closed)
  assert.equal(requests.length, 2)
  await simulation.advance(4_000)
  assert.ok(!isClosed)
  await simulation.advance(1_000)
  assert.ok(isClosed && stuck.closed)
  await closed
})

test('limits that change apply to connections that are open', async () => {
  const { simulation, connect, server } = await world({ handle: echo })
  const peer = await connect()
  peer.send(1)
  await simulation.advance(1_000)
  server.limits = { ...LIMITS, idleMs: 500 }
  await simulation.advance(500)
  assert.ok(peer.closed)
})
