import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listOffsets } from '../../protocol/api/02-list-offsets.ts'
import { deleteRecords } from '../../protocol/api/21-delete-records.ts'
import { errors } from '../../protocol/errors.ts'
import { batchOf, T0, TestBroker } from '../broker-fixtures-for-test.ts'

const LATEST = -1
const EARLIEST = -2
const MAX_TIMESTAMP = -3
const EARLIEST_LOCAL = -4
const LATEST_TIERED = -5
const EARLIEST_PENDING_UPLOAD = -6

/** A consumer, and a debugging one that may see the end of the log. */
const CONSUMER = -1
const DEBUGGER = -2
const READ_COMMITTED = 1

interface Question {
  readonly replicaId?: number
  readonly isolationLevel?: number
  readonly currentLeaderEpoch?: number
}

/** Error code, offset, timestamp (after T0) and leader epoch. */
async function ask(
  b: TestBroker,
  timestamp: number,
  { replicaId = CONSUMER, isolationLevel = 0, ...rest }: Question = {},
  version: number = listOffsets.latestStable,
) {
  const topics = [{ name: 't', partitions: [{ partitionIndex: 0, timestamp, ...rest }] }]
  const request = { replicaId, topics, ...(version > 1 && { isolationLevel }) }
  const answer = await b.ask(listOffsets, request, version)
  const found = answer.topics[0]!.partitions[0]!
  const afterT0 = found.timestamp < 0 ? found.timestamp : found.timestamp - T0
  return [found.errorCode, found.offset, afterT0, found.leaderEpoch]
}

/** Six records: at T0 + 0, 100, 50, 300, 10 and 300. */
async function setUp(): Promise<TestBroker> {
  const b = await TestBroker.start()
  await b.createTopic('t')
  for (const after of [0, 100, 50, 300, 10, 300]) {
    await b.produce('t', ['a'], { timestamp: T0 + after })
  }
  return b
}

/** Puts a record of an open transaction behind the six, with the time T0 + 900: as a broker with
 *  transactions leaves it when it is killed. */
async function openTransaction(b: TestBroker): Promise<void> {
  const identity = { producerId: 9, producerEpoch: 0, baseSequence: 0, isTransactional: true }
  const place = { baseOffset: 6, leaderEpoch: 0, timestamp: T0 + 900 }
  await b.stop()
  const { disk } = b.host
  const file = disk.open('/data/t-0/00000000000000000000.log', 'write')
  file.writeSync([batchOf(['open'], { ...identity, ...place })], file.sizeBytes())
  file.close()
  disk.remove('/data/.kafka_cleanshutdown')
  await b.start()
}

test('special timestamps name places, by time the first record that is not older is found', async () => {
  const b = await setUp()
  const rows: readonly (readonly [number, readonly number[]])[] = [
    [LATEST, [0, 6, -1, 0]],
    [EARLIEST, [0, 0, -1, 0]],
    [EARLIEST_LOCAL, [0, 0, -1, 0]],
    [MAX_TIMESTAMP, [0, 3, 300, 0]],
    [LATEST_TIERED, [0, -1, -1, -1]],
    [EARLIEST_PENDING_UPLOAD, [0, -1, -1, -1]],
    [T0 - 1, [0, 0, 0, 0]],
    [T0, [0, 0, 0, 0]],
    [T0 + 1, [0, 1, 100, 0]],
    [T0 + 101, [0, 3, 300, 0]],
    [T0 + 300, [0, 3, 300, 0]],
    [T0 + 301, [0, -1, -1, -1]],
  ]
  for (const [timestamp, expected] of rows) {
    assert.deepEqual(await ask(b, timestamp), expected, `${timestamp}`)
  }
  await b.stop()
})

const since: readonly (readonly [number, number])[] = [
  [MAX_TIMESTAMP, 7],
  [EARLIEST_LOCAL, 8],
  [LATEST_TIERED, 9],
  [EARLIEST_PENDING_UPLOAD, 11],
]
for (const [timestamp, version] of since) {
  test(`timestamp ${timestamp} has a meaning from v${version} on`, async () => {
    const b = await setUp()
    assert.equal((await ask(b, timestamp, {}, version))[0], 0)
    const [code] = await ask(b, timestamp, {}, version - 1)
    assert.equal(code, errors.UNSUPPORTED_VERSION.code)
    await b.stop()
  })
}

test('an empty partition begins and ends in the epoch of its leader', async () => {
  const b = await TestBroker.start()
  await b.createTopic('t')
  assert.deepEqual(await ask(b, LATEST), [0, 0, -1, 0])
  assert.deepEqual(await ask(b, EARLIEST), [0, 0, -1, 0])
  assert.deepEqual(await ask(b, MAX_TIMESTAMP), [0, -1, -1, -1])
  await b.stop()
})

test('what is beyond the last stable offset is not found by committed readers', async () => {
  const b = await setUp()
  await openTransaction(b)
  const committed = { isolationLevel: READ_COMMITTED }
  assert.deepEqual(await ask(b, LATEST, committed), [0, 6, -1, 1])
  assert.deepEqual(await ask(b, LATEST), [0, 7, -1, 1])
  for (const timestamp of [T0 + 301, MAX_TIMESTAMP]) {
    assert.deepEqual(await ask(b, timestamp, committed), [0, -1, -1, -1])
    assert.deepEqual(await ask(b, timestamp), [0, 6, 900, 0])
    const debugging = { ...committed, replicaId: DEBUGGER }
    assert.deepEqual(await ask(b, timestamp, debugging), [0, 6, 900, 0])
  }
  await b.stop()
})

test('after records were deleted the log begins behind them', async () => {
  const b = await setUp()
  const partitions = [{ partitionIndex: 0, offset: 4 }]
  await b.ask(deleteRecords, { topics: [{ name: 't', partitions }], timeoutMs: 1_000 })
  assert.deepEqual(await ask(b, EARLIEST), [0, 4, -1, 0])
  assert.deepEqual(await ask(b, T0), [0, 4, 10, 0])
  assert.deepEqual(await ask(b, T0 + 11), [0, 5, 300, 0])
  await b.stop()
})

test('the epoch that the asker believes in is compared', async () => {
  const b = await setUp()
  const codes = [0, 1].map(async (currentLeaderEpoch) => {
    return (await ask(b, LATEST, { currentLeaderEpoch }))[0]
  })
  assert.deepEqual(await Promise.all(codes), [0, errors.UNKNOWN_LEADER_EPOCH.code])
  await b.stop()
})

test('a partition that is asked for twice is answered once, as a bad request', async () => {
  const b = await setUp()
  const partition = { partitionIndex: 0, timestamp: LATEST }
  const topics = [{ name: 't', partitions: [partition, { ...partition, timestamp: EARLIEST }] }]
  const answer = await b.ask(listOffsets, { replicaId: CONSUMER, topics })
  const codes = answer.topics[0]?.partitions.map(({ errorCode }) => errorCode)
  assert.deepEqual(codes, [errors.INVALID_REQUEST.code])
  await b.stop()
})
