import assert from 'node:assert/strict'
import { test } from 'node:test'
import { produce } from '../../protocol/api/00-produce.ts'
import { createTopics } from '../../protocol/api/19-create-topics.ts'
import { errors } from '../../protocol/errors.ts'
import type { RequestInput } from '../../protocol/schema.ts'
import { batchOf, recordsIn, TestBroker } from '../broker-fixtures-for-test.ts'

type Request = RequestInput<typeof produce>

const IDEMPOTENT = { producerId: 7, producerEpoch: 0 }
const TRANSACTIONAL = { ...IDEMPOTENT, baseSequence: 0, isTransactional: true }

const requestOf = (
  topic: string,
  batches: readonly (Uint8Array | null)[],
  over: Partial<Request> = {},
): Request => {
  const partitionData = batches.map((records) => ({ index: 0, records }))
  return { acks: -1, timeoutMs: 30_000, topicData: [{ name: topic, partitionData }], ...over }
}

/** Error code and base offset of each batch of a request. */
async function outcomes(b: TestBroker, request: Request, version = 12) {
  const { responses } = await b.ask(produce, request, version)
  return responses.flatMap(({ partitionResponses }) =>
    partitionResponses.map(({ errorCode, baseOffset }) => [errorCode, baseOffset]),
  )
}

test('several batches for one partition in one request are appended in order', async () => {
  const b = await TestBroker.start()
  await b.createTopic('t')
  const batches = [['a', 'b'], ['c'], ['d']].map((values) => batchOf(values))
  assert.deepEqual(await outcomes(b, requestOf('t', batches)), [
    [0, 0],
    [0, 2],
    [0, 3],
  ])
  const { records } = await b.fetch('t', 0)
  assert.deepEqual(
    recordsIn(records).map(({ value }) => value),
    ['a', 'b', 'c', 'd'],
  )
  await b.stop()
})

test('one bad batch does not hold up the others', async () => {
  const b = await TestBroker.start()
  await b.createTopic('t')
  const bad = batchOf(['b'])
  bad[bad.length - 1]! ^= 1
  const batches = [batchOf(['a']), bad, null, new Uint8Array(0), batchOf(['c'])]
  const { CORRUPT_MESSAGE, INVALID_RECORD } = errors
  assert.deepEqual(await outcomes(b, requestOf('t', batches)), [
    [0, 0],
    [CORRUPT_MESSAGE.code, -1],
    [INVALID_RECORD.code, -1],
    [INVALID_RECORD.code, -1],
    [0, 1],
  ])
  await b.stop()
})

test('a batch sent again is answered with the offset it got the first time', async () => {
  const b = await TestBroker.start()
  await b.createTopic('t')
  const identity = { ...IDEMPOTENT, baseSequence: 0 }
  assert.equal((await b.produce('t', ['a'], identity)).baseOffset, 0)
  await b.produce('t', ['x'])
  const again = await b.produce('t', ['a'], identity)
  assert.deepEqual([again.errorCode, again.baseOffset], [0, 0])
  const gap = await b.produce('t', ['c'], { ...IDEMPOTENT, baseSequence: 5 })
  assert.equal(gap.errorCode, errors.OUT_OF_ORDER_SEQUENCE_NUMBER.code)
  assert.equal(gap.logStartOffset, 0, 'told beside what the log itself refused')
  assert.equal((await b.listOffset('t', -1)).offset, 2)
  await b.stop()
})

const transactions: readonly (readonly [string | null, keyof typeof errors])[] = [
  [null, 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED'],
  ['tx', 'INVALID_PRODUCER_ID_MAPPING'],
]
for (const [transactionalId, error] of transactions) {
  test(`a transactional batch with the transactional id ${transactionalId} is ${error}`, async () => {
    const b = await TestBroker.start()
    await b.createTopic('t')
    const batches = [batchOf(['a']), batchOf(['b'], TRANSACTIONAL)]
    const found = await outcomes(b, requestOf('t', batches, { transactionalId }))
    assert.deepEqual(found, [
      [errors[error].code, -1],
      [errors[error].code, -1],
    ])
    assert.equal((await b.listOffset('t', -1)).offset, 0, 'nothing of the request is done')
    await b.stop()
  })
}

test('acks 0 is never answered; an error closes the connection', async () => {
  const b = await TestBroker.start()
  await b.createTopic('t')
  const connection = await b.connect()
  const send = (batch: Uint8Array) => {
    const request = requestOf('t', [batch], { acks: 0 })
    return b.simulation.until(connection.sendWithoutAnswer(produce, 12, request))
  }
  await send(batchOf(['a']))
  await b.advance(100)
  assert.ok(connection.isOpen)
  assert.equal((await b.listOffset('t', -1)).offset, 1)
  await send(new Uint8Array(3))
  await b.advance(100)
  assert.ok(!connection.isOpen)
  const other = await b.connect()
  const request = requestOf('t', [batchOf(['b'], TRANSACTIONAL)], { acks: 0 })
  await b.simulation.until(other.sendWithoutAnswer(produce, 12, request))
  await b.advance(100)
  assert.ok(!other.isOpen, 'refused as a whole')
  await b.stop()
})

for (const acks of [2, -2, 100]) {
  test(`acks ${acks} is INVALID_REQUIRED_ACKS`, async () => {
    const b = await TestBroker.start()
    await b.createTopic('t')
    const found = await outcomes(b, requestOf('t', [batchOf(['a'])], { acks }))
    assert.deepEqual(found, [[errors.INVALID_REQUIRED_ACKS.code, -1]])
    await b.stop()
  })
}

test('ordinary clients do not write to internal topics', async () => {
  const b = await TestBroker.start()
  const topic = { numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }
  await b.ask(createTopics, { topics: [{ ...topic, name: '__consumer_offsets' }] })
  const request = requestOf('__consumer_offsets', [batchOf(['a'], { key: 'k' })])
  assert.deepEqual(await outcomes(b, request), [[errors.INVALID_TOPIC_EXCEPTION.code, -1]])
  const admin = await b.connect('__admin_client')
  const { responses } = await b.simulation.until(admin.send(produce, 12, request))
  assert.equal(responses[0]?.partitionResponses[0]?.errorCode, 0)
  await b.stop()
})

test('version 13 names topics by id', async () => {
  const b = await TestBroker.start()
  const topicId = await b.createTopic('t')
  const ask = async (id: string) => {
    const partitionData = [{ index: 0, records: batchOf(['a']) }]
    const topicData = [{ topicId: id, partitionData }]
    return outcomes(b, { acks: 1, timeoutMs: 1, topicData }, 13)
  }
  assert.deepEqual(await ask(topicId), [[0, 0]])
  const unknown = [[errors.UNKNOWN_TOPIC_ID.code, -1]]
  assert.deepEqual(await ask('AAAAAAAAAAAAAAAAAAAAZQ'), unknown)
  await b.stop()
})

test('with LogAppendTime the answer carries the broker’s time', async () => {
  const b = await TestBroker.start()
  await b.createTopic('t', { config: { 'message.timestamp.type': 'LogAppendTime' } })
  const { logAppendTimeMs } = await b.produce('t', ['a'], { timestamp: 5 })
  const { timestamp } = await b.listOffset('t', -3)
  assert.equal(logAppendTimeMs, timestamp)
  assert.notEqual(timestamp, 5)
  await b.stop()
})

test('a setting of the topic that changes holds for the next batch', async () => {
  const b = await TestBroker.start()
  await b.createTopic('t')
  const big = 'x'.repeat(2_000)
  assert.equal((await b.produce('t', [big])).errorCode, 0)
  await b.alterTopic('t', { 'max.message.bytes': '1000' })
  assert.equal((await b.produce('t', [big])).errorCode, errors.MESSAGE_TOO_LARGE.code)
  await b.alterTopic('t', { 'cleanup.policy': 'compact' })
  const keyless = await b.produce('t', ['a', 'b'])
  assert.equal(keyless.errorCode, errors.INVALID_RECORD.code)
  assert.deepEqual(
    keyless.recordErrors.map(({ batchIndex }) => batchIndex),
    [0, 1],
  )
  await b.stop()
})
