import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silentLogger } from '../kernel/logger.ts'
import { Simulation } from '../kernel/simulated-environment.ts'
import { produce } from '../protocol/api/00-produce.ts'
import { heartbeat } from '../protocol/api/12-heartbeat.ts'
import { apiVersions } from '../protocol/api/18-api-versions.ts'
import { KafkaError } from '../protocol/errors.ts'
import { decodeRequest, encodeResponse } from '../protocol/frame.ts'
import type { HandleRequest } from './connection.ts'
import { Requester } from './requester.ts'
import { NetworkServer } from './server.ts'

const BEAT = { groupId: 'g', generationId: 1, memberId: 'm' }

/** A broker that answers heartbeats with their generation as throttle time, after `delayMs`. */
async function world(delayMs: (generation: number) => number = () => 0) {
  const simulation = new Simulation(1)
  const environment = simulation.host('b').environment()
  const seen: (string | null)[] = []
  const handle: HandleRequest = (frame, _connection, respond) => {
    const request = decodeRequest(frame)
    seen.push(request.clientId)
    if (request.apiKey === produce.key) return respond(null)
    const index = seen.length
    const dueMs = environment.clock.monotonic() + delayMs(index)
    environment.timers.at(dueMs, () => {
      const response = { throttleTimeMs: index, errorCode: 0 }
      respond(encodeResponse(heartbeat, request.apiVersion, request.correlationId, response))
    })
  }
  const server = serverOf(simulation, handle)
  await server.open()
  const options = { environment: simulation.host('c').environment(), clientId: 'me' }
  const all = { ...options, requestTimeoutMs: 5_000 }
  const requester = await simulation.until(Requester.connect('b', 9_092, all))
  return { simulation, server, requester, seen, options: all }
}

function serverOf(simulation: Simulation, handle: HandleRequest): NetworkServer {
  const unlimited = Number.POSITIVE_INFINITY
  return new NetworkServer({
    environment: simulation.host('b').environment(),
    logger: silentLogger,
    listeners: [
      {
        name: 'PLAINTEXT',
        securityProtocol: 'PLAINTEXT',
        host: '',
        port: 9_092,
      },
    ],
    backlog: 50,
    limits: {
      requestMaxBytes: 1_000_000,
      queuedRequestMaxBytes: unlimited,
      maxConnections: unlimited,
      maxConnectionsPerHost: unlimited,
      maxConnectionsByHost: new Map(),
      idleMs: 600_000,
      firstRequestMs: 10_000,
      firstRequestMaxBytes: 65_536,
      slowReaderMs: 30_000,
      responseQueueMaxBytes: 1_000_000,
      maxInFlight: 64,
    },
    handle,
  })
}

test('many requests may be on their way, and each gets its own answer', async () => {
  const { simulation, requester, seen } = await world()
  const answers = Array.from({ length: 500 }, () => requester.send(heartbeat, 3, BEAT))
  assert.equal(requester.inFlight, 500)
  const all = await simulation.until(Promise.all(answers))
  assert.deepEqual(
    all.map(({ throttleTimeMs }) => throttleTimeMs),
    seen.map((_, index) => index + 1),
  )
  assert.ok(seen.every((clientId) => clientId === 'me'))
  assert.equal(requester.inFlight, 0)
})

test('a request without an answer is over when its bytes have left', async () => {
  const { simulation, requester, seen } = await world()
  const sent = requester.sendWithoutAnswer(produce, 9, { acks: 0, timeoutMs: 0, topicData: [] })
  await simulation.until(sent)
  await simulation.until(requester.send(heartbeat, 3, BEAT))
  assert.equal(seen.length, 2)
})

test('an answer that does not come in time ends the connection and all that waits on it', async () => {
  const { simulation, requester } = await world((index) => (index === 2 ? 60_000 : 0))
  const outcomes = [1, 2, 3].map(() => outcome(requester.send(heartbeat, 3, BEAT)))
  assert.deepEqual(await simulation.until(Promise.all(outcomes)), [
    'answered',
    'REQUEST_TIMED_OUT',
    'REQUEST_TIMED_OUT',
  ])
  assert.equal(simulation.elapsedMs >= 5_000 && simulation.elapsedMs < 5_010, true)
  assert.equal(requester.isOpen, false)
  assert.equal(await outcome(requester.send(heartbeat, 3, BEAT)), 'REQUEST_TIMED_OUT')
})

test('whoever gives up is freed, and the answers behind still reach their askers', async () => {
  const { simulation, requester } = await world((index) => (index === 1 ? 1_000 : 0))
  const abort = new AbortController()
  const given = requester.send(heartbeat, 3, BEAT, { signal: abort.signal })
  const kept = requester.send(heartbeat, 3, BEAT)
  await simulation.advance(100)
  abort.abort(new Error('enough'))
  await assert.rejects(given, /enough/)
  assert.equal((await simulation.until(kept)).throttleTimeMs, 2)
  await assert.rejects(requester.send(heartbeat, 3, BEAT, { signal: abort.signal }), /enough/)
})

test('when the broker goes away everything that waits fails', async () => {
  const { simulation, requester, server } = await world(() => 60_000)
  const outcomes = [1, 2].map(() => outcome(requester.send(heartbeat, 3, BEAT)))
  await simulation.advance(10)
  await simulation.until(server.close(0))
  assert.deepEqual(await simulation.until(Promise.all(outcomes)), [
    'NETWORK_EXCEPTION',
    'NETWORK_EXCEPTION',
  ])
  assert.equal((await requester.ended).error, 'NETWORK_EXCEPTION')
})

test('no connection: refused, too late, given up', async () => {
  const { simulation, options } = await world()
  const connect = (port: number, more = {}) => Requester.connect('b', port, options, more)
  assert.equal(await simulation.until(outcome(connect(1))), 'NETWORK_EXCEPTION')
  simulation.network.cut('b', 'c')
  const late = outcome(connect(9_092, { timeoutMs: 100 }))
  assert.equal(await simulation.until(late), 'REQUEST_TIMED_OUT')
  const abort = new AbortController()
  const given = connect(9_092, { signal: abort.signal })
  abort.abort(new Error('enough'))
  await assert.rejects(simulation.until(given), /enough/)
})

const nonsense: readonly (readonly [string, readonly number[]])[] = [
  ['an answer nobody asked for', [0, 0, 0, 4, 0, 0, 0, 77]],
  ['a negative size', [255, 255, 255, 255]],
]
for (const [what, bytes] of nonsense) {
  test(`${what} ends the connection`, async () => {
    const simulation = new Simulation(1)
    const server = serverOf(simulation, (_frame, _connection, respond) => {
      respond([Uint8Array.from(bytes)])
    })
    await server.open()
    const environment = simulation.host('c').environment()
    const options = { environment, clientId: null, requestTimeoutMs: 5_000 }
    const requester = await simulation.until(Requester.connect('b', 9_092, options))
    const answer = outcome(requester.send(heartbeat, 3, BEAT))
    assert.equal(await simulation.until(answer), 'NETWORK_EXCEPTION')
  })
}

test('an answer that cannot be decoded fails its own request only', async () => {
  const { simulation, requester } = await world()
  const wrong = outcome(requester.send(apiVersions, 3, softwareOf('x')))
  const right = requester.send(heartbeat, 3, BEAT)
  assert.notEqual(await simulation.until(wrong), 'answered')
  assert.equal((await simulation.until(right)).errorCode, 0)
})

test('a broker too old for our ApiVersions request is understood', async () => {
  const simulation = new Simulation(1)
  const server = serverOf(simulation, (frame, _connection, respond) => {
    const { correlationId } = decodeRequest(frame)
    const apiKeys = [{ apiKey: 18, minVersion: 0, maxVersion: 2 }]
    respond(encodeResponse(apiVersions, 0, correlationId, { errorCode: 35, apiKeys }))
  })
  await server.open()
  const environment = simulation.host('c').environment()
  const options = { environment, clientId: null, requestTimeoutMs: 5_000 }
  const requester = await simulation.until(Requester.connect('b', 9_092, options))
  const answer = await simulation.until(requester.send(apiVersions, 3, softwareOf('x')))
  assert.deepEqual([answer.errorCode, answer.apiKeys[0]?.maxVersion], [35, 2])
})

function softwareOf(name: string) {
  return { clientSoftwareName: name, clientSoftwareVersion: '1' }
}

/** `answered`, or the name of the error. */
async function outcome(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
    return 'answered'
  } catch (error) {
    return error instanceof KafkaError ? error.error : String(error)
  }
}
