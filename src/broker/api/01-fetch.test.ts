import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fetch } from '../../protocol/api/01-fetch.ts'
import { deleteTopics } from '../../protocol/api/20-delete-topics.ts'
import { errors } from '../../protocol/errors.ts'
import { ZERO_UUID } from '../../protocol/primitives.ts'
import type { RequestInput, ResponseOf } from '../../protocol/schema.ts'
import { TestBroker } from '../broker-fixtures-for-test.ts'

type Request = RequestInput<typeof fetch>

/** The first version that names topics by id, and the last that names them by name. */
const BY_ID = 13
const BY_NAME = 12

/** A consumer that goes on with one session. */
class Session {
  readonly #b: TestBroker
  readonly version: number
  sessionId = 0
  sessionEpoch = 0

  constructor(b: TestBroker, version: number) {
    this.#b = b
    this.version = version
  }

  /** @param over takes the place of what the session would say. */
  async fetch(over: Partial<Request> = {}): Promise<ResponseOf<typeof fetch>> {
    const { sessionId, sessionEpoch, version } = this
    const usual = { maxWaitMs: 0, minBytes: 1, sessionId, sessionEpoch, topics: [] }
    const answer = await this.#b.ask(fetch, { ...usual, ...over }, version)
    if (answer.errorCode !== 0) return answer
    this.sessionId = answer.sessionId
    this.sessionEpoch += 1
    return answer
  }
}

/** Partitions of a topic, each with the offset to read from. */
const at = (
  name: string,
  offsets: Readonly<Record<number, number>>,
): Request['topics'][number] => ({
  topic: name,
  partitions: Object.entries(offsets).map(([partition, fetchOffset]) => {
    return { partition: Number(partition), fetchOffset, partitionMaxBytes: 1_000_000 }
  }),
})

const byId = (topicId: string, offsets: Readonly<Record<number, number>>) => {
  return { ...at('', offsets), topicId }
}

/** Partition, error code and high watermark of each part of an answer. */
const told = ({ responses }: ResponseOf<typeof fetch>) =>
  responses.flatMap(({ partitions }) =>
    partitions.map(({ partitionIndex, errorCode, highWatermark }) => {
      return `${partitionIndex}:${errorCode}:${highWatermark}`
    }),
  )

test('a session tells what changed, under the names or ids it was begun with', async () => {
  for (const version of [7, BY_NAME, BY_ID, 17]) {
    const b = await TestBroker.start()
    const topicId = await b.createTopic('t', { partitions: 3 })
    await b.produce('t', ['a'])
    const where = (offsets: Readonly<Record<number, number>>) =>
      version >= BY_ID ? byId(topicId, offsets) : at('t', offsets)
    const session = new Session(b, version)
    const first = await session.fetch({ topics: [where({ 0: 0, 1: 0, 2: 0 })] })
    assert.deepEqual(told(first), ['0:0:1', '1:0:0', '2:0:0'])
    assert.ok(session.sessionId > 0)
    assert.deepEqual(told(await session.fetch()), ['0:0:1'], 'its record has not been passed')
    assert.deepEqual(told(await session.fetch({ topics: [where({ 0: 1 })] })), [])
    await b.produce('t', ['b', 'c'], { partition: 2 })
    const changed = await session.fetch()
    assert.deepEqual(told(changed), ['2:0:2'])
    const [topic] = changed.responses
    const expected = version >= BY_ID ? ['', topicId] : ['t', ZERO_UUID]
    assert.deepEqual([topic?.topic, topic?.topicId], expected)
    await b.stop()
  }
})

test('a forgotten partition is not told of; the session ends with the last', async () => {
  const b = await TestBroker.start()
  await b.createTopic('t', { partitions: 2 })
  const session = new Session(b, BY_NAME)
  await session.fetch({ topics: [at('t', { 0: 0, 1: 0 })] })
  const { sessionId } = session
  const forget = (...partitions: number[]) => {
    return { forgottenTopicsData: [{ topic: 't', partitions }] }
  }
  await session.fetch(forget(0))
  await b.produce('t', ['a'])
  await b.produce('t', ['b'], { partition: 1 })
  assert.deepEqual(told(await session.fetch()), ['1:0:1'])
  assert.equal((await session.fetch(forget(1))).sessionId, 0)
  const gone = await session.fetch({ sessionId })
  assert.equal(gone.errorCode, errors.FETCH_SESSION_ID_NOT_FOUND.code)
  await b.stop()
})

test('a session that is wrong in id, epoch or kind says so, and nothing else', async () => {
  const b = await TestBroker.start()
  await b.createTopic('t')
  const session = new Session(b, BY_NAME)
  await session.fetch({ topics: [at('t', { 0: 0 })] })
  const { sessionId } = session
  const code = async (over: Partial<Request>) => (await session.fetch(over)).errorCode
  const { FETCH_SESSION_ID_NOT_FOUND, INVALID_FETCH_SESSION_EPOCH } = errors
  assert.equal(await code({ sessionId: sessionId + 1 }), FETCH_SESSION_ID_NOT_FOUND.code)
  assert.equal(await code({ sessionEpoch: 7 }), INVALID_FETCH_SESSION_EPOCH.code)
  const other = new Session(b, BY_ID)
  const mixed = await other.fetch({ sessionId, sessionEpoch: 1 })
  assert.equal(mixed.errorCode, errors.FETCH_SESSION_TOPIC_ID_ERROR.code)
  assert.deepEqual(mixed.responses, [])
  assert.equal(await code({}), 0, 'it goes on as if nothing had been')
  await b.stop()
})

test('epoch -1 closes a session, epoch 0 begins another in its place', async () => {
  const b = await TestBroker.start()
  await b.createTopic('t')
  for (const sessionEpoch of [-1, 0]) {
    const session = new Session(b, BY_NAME)
    await session.fetch({ topics: [at('t', { 0: 0 })] })
    const { sessionId } = session
    const answer = await session.fetch({ sessionEpoch, topics: [at('t', { 0: 0 })] })
    assert.equal(answer.sessionId > 0, sessionEpoch === 0)
    const old = await session.fetch({ sessionId, sessionEpoch: 1 })
    assert.equal(old.errorCode, errors.FETCH_SESSION_ID_NOT_FOUND.code)
  }
  await b.stop()
})

test('without slots everybody goes on without sessions', async () => {
  const b = await TestBroker.start({ config: { 'max.incremental.fetch.session.cache.slots': '0' } })
  await b.createTopic('t')
  const session = new Session(b, BY_NAME)
  const { sessionId, errorCode } = await session.fetch({ topics: [at('t', { 0: 0 })] })
  assert.deepEqual([sessionId, errorCode], [0, 0])
  await b.stop()
})

test('a topic that is made anew is another: who holds the old id is told, by name it goes on', async () => {
  const b = await TestBroker.start()
  const topicId = await b.createTopic('t')
  await b.produce('t', ['a'])
  const named = new Session(b, BY_NAME)
  const identified = new Session(b, BY_ID)
  await named.fetch({ topics: [at('t', { 0: 1 })] })
  await identified.fetch({ topics: [byId(topicId, { 0: 1 })] })
  await b.ask(deleteTopics, { topics: [{ topicId }], timeoutMs: 1_000 })
  const gone = errors.UNKNOWN_TOPIC_OR_PARTITION.code
  assert.deepEqual(told(await named.fetch()), [`0:${gone}:-1`])
  assert.deepEqual(told(await identified.fetch()), [`0:${gone}:-1`])
  await b.createTopic('t')
  assert.deepEqual(told(await named.fetch()), [`0:${errors.OFFSET_OUT_OF_RANGE.code}:-1`])
  const other = errors.INCONSISTENT_TOPIC_ID.code
  assert.deepEqual(told(await identified.fetch()), [`0:${other}:-1`])
  const again = await b.ask(
    fetch,
    { maxWaitMs: 0, minBytes: 1, topics: [byId(topicId, { 0: 0 })] },
    BY_ID,
  )
  assert.deepEqual(told(again), [`0:${errors.UNKNOWN_TOPIC_ID.code}:-1`])
  await b.stop()
})

test('a first batch larger than every limit is given whole', async () => {
  const b = await TestBroker.start()
  await b.createTopic('t')
  await b.produce('t', ['x'.repeat(5_000)])
  await b.produce('t', ['y'])
  for (const limits of [{ maxBytes: 10 }, { partitionMaxBytes: 10 }, { maxBytes: 0 }]) {
    const { records } = await b.fetch('t', 0, limits)
    assert.ok((records?.length ?? 0) > 5_000)
  }
  await b.stop()
})

test('an answer that waits comes with the records that end the wait', async () => {
  const b = await TestBroker.start()
  await b.createTopic('t')
  const consumer = await b.connect()
  const beginMs = b.simulation.elapsedMs
  const request = { maxWaitMs: 60_000, minBytes: 1, topics: [at('t', { 0: 0 })] }
  const waiting = consumer.send(fetch, BY_NAME, request)
  await b.advance(100)
  await b.createTopic('other')
  await b.produce('t', ['a'])
  assert.deepEqual(told(await b.simulation.until(waiting)), ['0:0:1'])
  assert.ok(b.simulation.elapsedMs - beginMs < 1_000)
  await b.stop()
})
