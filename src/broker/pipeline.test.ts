import assert from 'node:assert/strict'
import { test } from 'node:test'
import { flatten, writeInt32 } from '../kernel/bytes.ts'
import { seededRandom } from '../kernel/seeded-random.ts'
import { produce } from '../protocol/api/00-produce.ts'
import { fetch } from '../protocol/api/01-fetch.ts'
import { metadata } from '../protocol/api/03-metadata.ts'
import { apiVersions } from '../protocol/api/18-api-versions.ts'
import { endTxn } from '../protocol/api/26-end-txn.ts'
import { errors } from '../protocol/errors.ts'
import { randomValue } from '../protocol/fixtures-for-test.ts'
import { decodeResponse, encodeRequest } from '../protocol/frame.ts'
import { apis } from '../protocol/registry.ts'
import type { RequestInput } from '../protocol/schema.ts'
import {
  batchOf,
  fetchRequest,
  NAMED_FETCH_VERSION,
  NAMED_PRODUCE_VERSION,
  TestBroker,
} from './broker-fixtures-for-test.ts'
import { servedApis } from './registry.ts'

/** A connection that says exactly what a test wants said. */
async function openRaw(b: TestBroker) {
  const { signal } = new AbortController()
  const network = b.simulation.host('raw').environment().network
  const socket = await b.simulation.until(network.connect('b', 9092, signal))
  const state = { received: Buffer.alloc(0), isClosed: false }
  const buffer = new Uint8Array(65_536)
  socket.start({
    buffer: () => buffer,
    received: (count) => {
      state.received = Buffer.concat([state.received, buffer.subarray(0, count)])
    },
    drained() {},
    closed: () => {
      state.isClosed = true
    },
  })
  return { socket, state }
}

/** A request with a flexible header, of a version that its declaration need not have. */
function unknownVersion(apiKey: number, apiVersion: number): Uint8Array {
  const frame = flatten(encodeRequest(apiVersions, 3, 7, 'test', {}))
  writeInt32(frame, 4, (apiKey << 16) | apiVersion)
  return frame
}

const producing = (topic: string, value: string): RequestInput<typeof produce> => {
  const partitionData = [{ index: 0, records: batchOf([value]) }]
  return { acks: -1, timeoutMs: 30_000, topicData: [{ name: topic, partitionData }] }
}

test('a fetch that waits holds up what its connection sent after it, and nobody else', async () => {
  const b = await TestBroker.start()
  await b.createTopic('t')
  await b.createTopic('u')
  const connection = await b.connect()
  const waiting = fetchRequest('t', 0, { maxWaitMs: 500 })
  const beginMs = b.simulation.elapsedMs
  const fetched = connection.send(fetch, NAMED_FETCH_VERSION, waiting)
  const produced = connection.send(produce, NAMED_PRODUCE_VERSION, producing('u', 'a'))
  await b.advance(400)
  assert.equal((await b.listOffset('u', -1)).offset, 0, 'it has not begun')
  await b.simulation.until(fetched)
  await b.simulation.until(produced)
  assert.ok(b.simulation.elapsedMs - beginMs < 600)
  assert.equal((await b.listOffset('u', -1)).offset, 1)
  await b.stop()
})

test('produce requests of one connection share a sync, and keep their order', async () => {
  const b = await TestBroker.start()
  await b.createTopic('t', { config: { 'flush.messages': '1' } })
  b.host.disk.faults.add({ operation: 'sync', delayMs: 100 })
  const connection = await b.connect()
  const beginMs = b.simulation.elapsedMs
  const sent = ['a', 'b', 'c', 'd', 'e'].map((value) =>
    connection.send(produce, NAMED_PRODUCE_VERSION, producing('t', value)),
  )
  const answers = await b.simulation.until(Promise.all(sent))
  assert.ok(b.simulation.elapsedMs - beginMs < 500, 'fewer syncs than requests')
  assert.deepEqual(
    answers.map(({ responses }) => responses[0]?.partitionResponses[0]?.baseOffset),
    [0, 1, 2, 3, 4],
  )
  await b.stop()
})

test('what follows a produce request begins once that is answered', async () => {
  const b = await TestBroker.start()
  await b.createTopic('t', { config: { 'flush.messages': '1' } })
  b.host.disk.faults.add({ operation: 'sync', delayMs: 100 })
  const connection = await b.connect()
  const sent = connection.send(produce, NAMED_PRODUCE_VERSION, producing('t', 'a'))
  const read = connection.send(fetch, NAMED_FETCH_VERSION, fetchRequest('t', 0))
  await b.simulation.until(sent)
  const { responses } = await b.simulation.until(read)
  assert.equal(responses[0]?.partitions[0]?.highWatermark, 1)
  await b.stop()
})

test('an API that Kafka has and this broker does not is refused in its own words', async () => {
  const b = await TestBroker.start()
  const random = seededRandom(3)
  const connection = await b.connect()
  const unserved = apis.filter(({ key }) => servedApis.handlerOf(key) === undefined)
  for (const api of unserved) {
    for (let version = api.versions.from; version <= api.latestStable; version++) {
      const request = randomValue(random, api.request, version)
      await b.simulation.until(connection.send(api, version, request))
    }
  }
  const ending = { transactionalId: 't', producerId: 1, producerEpoch: 0, committed: true }
  const { errorCode } = await b.simulation.until(connection.send(endTxn, 4, ending))
  assert.equal(errorCode, errors.UNSUPPORTED_VERSION.code)
  assert.ok(connection.isOpen)
  await b.stop()
})

test('it is not among the APIs that are offered', async () => {
  const b = await TestBroker.start()
  const request = { clientSoftwareName: 'test', clientSoftwareVersion: '1' }
  const { apiKeys, errorCode } = await b.ask(apiVersions, request)
  assert.equal(errorCode, 0)
  const keys = apiKeys.map(({ apiKey }) => apiKey)
  assert.deepEqual(
    keys,
    keys.toSorted((x, y) => x - y),
  )
  assert.ok(!keys.includes(endTxn.key))
  const ofProduce = apiKeys.find(({ apiKey }) => apiKey === produce.key)
  assert.deepEqual({ ...ofProduce }, { apiKey: 0, minVersion: 0, maxVersion: 13 })
  await b.stop()
})

for (const version of [5, 99]) {
  test(`ApiVersions v${version} is answered in v0 with the versions to ask in`, async () => {
    const b = await TestBroker.start()
    const { socket, state } = await openRaw(b)
    socket.write([unknownVersion(apiVersions.key, version)])
    await b.advance(10)
    const answer = decodeResponse(apiVersions, 0, state.received.subarray(4))
    assert.equal(answer.errorCode, errors.UNSUPPORTED_VERSION.code)
    const [range] = answer.apiKeys
    assert.deepEqual({ ...range }, { apiKey: apiVersions.key, minVersion: 0, maxVersion: 4 })
    assert.equal(answer.apiKeys.length, 1)
    assert.ok(!state.isClosed)
    socket.destroy()
    await b.stop()
  })
}

const endings: readonly (readonly [string, Uint8Array])[] = [
  ['an older version of a served API', unknownVersion(produce.key, 2)],
  ['a newer version of a served API', unknownVersion(metadata.key, 14)],
  ['a version that an unserved API never had', unknownVersion(endTxn.key, 99)],
  [
    'a body that is cut off',
    flatten(encodeRequest(metadata, 9, 1, 'test', { topics: [] })).slice(0, -3),
  ],
]
for (const [what, frame] of endings) {
  test(`${what} ends the connection, and what came after it is not done`, async () => {
    const b = await TestBroker.start()
    await b.createTopic('t')
    const { socket, state } = await openRaw(b)
    writeInt32(frame, 0, frame.length - 4)
    const after = encodeRequest(produce, NAMED_PRODUCE_VERSION, 2, 'test', producing('t', 'a'))
    socket.write([frame, ...after])
    await b.advance(100)
    assert.ok(state.isClosed)
    assert.equal(state.received.length, 0)
    assert.equal((await b.listOffset('t', -1)).offset, 0)
    await b.stop()
  })
}
