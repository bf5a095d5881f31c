import assert from 'node:assert/strict'
import { test } from 'node:test'
import { produce } from '../protocol/api/00-produce.ts'
import { fetch } from '../protocol/api/01-fetch.ts'
import { metadata } from '../protocol/api/03-metadata.ts'
import { deleteTopics } from '../protocol/api/20-delete-topics.ts'
import { deleteRecords } from '../protocol/api/21-delete-records.ts'
import { errorName } from '../protocol/errors.ts'
import {
  batchOf,
  fetchRequest,
  NAMED_FETCH_VERSION,
  NAMED_PRODUCE_VERSION,
  recordsIn,
  TestBroker,
} from './broker-fixtures-for-test.ts'
import { StartError } from './start-error.ts'

const CLEAN_MARK = '/data/.kafka_cleanshutdown'

/** What every topic's partitions say, as Metadata tells it. */
async function partitionsOf(b: TestBroker) {
  const { topics } = await b.ask(metadata, { topics: null })
  return topics.flatMap(({ name, partitions }) =>
    partitions.map(({ partitionIndex, leaderEpoch }) => `${name}-${partitionIndex}@${leaderEpoch}`),
  )
}

async function valuesOf(b: TestBroker, topic: string): Promise<string[]> {
  const { records } = await b.fetch(topic, 0)
  return recordsIn(records).map(({ value }) => value)
}

/** Names in the log directory, without the unique part of renamed ones. */
const directories = (b: TestBroker) =>
  b.host.disk
    .list('/data')
    .filter((name) => /-\d/.test(name) && !name.includes('checkpoint'))
    .map((name) => name.replace(/\.[0-9a-f]+-/, '.*-'))
    .toSorted()

test('what was acknowledged is there after a planned stop, in the same leader epoch', async () => {
  const b = await TestBroker.start()
  await b.createTopic('t')
  assert.equal((await b.produce('t', ['a', 'b'])).baseOffset, 0)
  await b.stop()
  assert.ok(b.host.disk.stat(CLEAN_MARK))
  await b.start()
  assert.deepEqual(await valuesOf(b, 't'), ['a', 'b'])
  assert.deepEqual(await partitionsOf(b), ['t-0@0'])
})

test('after an unclean stop a partition goes on in a new leader epoch', async () => {
  const b = await TestBroker.start()
  await b.createTopic('t', { config: { 'flush.messages': '1' } })
  await b.produce('t', ['a', 'b'])
  await b.crash()
  await b.start()
  assert.deepEqual(await partitionsOf(b), ['t-0@1'])
  assert.deepEqual(await valuesOf(b, 't'), ['a', 'b'], 'flushed before they were acknowledged')
  await b.crash()
  await b.start()
  assert.deepEqual(await partitionsOf(b), ['t-0@2'])
})

test('a start that fails before the cluster heard of an unclean stop leaves no clean mark', async () => {
  const b = await TestBroker.start()
  await b.createTopic('t')
  await b.crash()
  await b.loseMetadata()
  await assert.rejects(b.start(), StartError)
  assert.equal(b.host.disk.stat(CLEAN_MARK), undefined)
})

test('a retry after a kill is acknowledged only once flush.messages=1 holds for it', async () => {
  for (let seed = 1; seed <= 12; seed++) {
    const b = await TestBroker.start({ seed })
    await b.createTopic('t', { config: { 'flush.messages': '1' } })
    const producer = await b.connect()
    b.host.disk.faults.add({ operation: 'sync', delayMs: 10_000 })
    const identity = { producerId: 7, producerEpoch: 0, baseSequence: 0 }
    const records = batchOf(['a'], identity)
    const topicData = [{ name: 't', partitionData: [{ index: 0, records }] }]
    const request = { acks: -1, timeoutMs: 30_000, topicData }
    const unanswered = producer.send(produce, NAMED_PRODUCE_VERSION, request)
    unanswered.catch(() => {})
    await b.advance(100)
    await b.kill()
    await assert.rejects(unanswered)
    await b.start()
    assert.equal((await b.produce('t', ['a'], identity)).baseOffset, 0)
    await b.crash()
    await b.start()
    assert.deepEqual(await valuesOf(b, 't'), ['a'], `seed ${seed}`)
  }
})

test('what a killed process wrote is synced by the next one where flush.ms asks for it', async () => {
  for (let seed = 1; seed <= 12; seed++) {
    const b = await TestBroker.start({ seed })
    await b.createTopic('t', { config: { 'flush.ms': '1000' } })
    await b.produce('t', ['a'])
    await b.kill()
    await b.start()
    await b.advance(1_000)
    await b.crash()
    await b.start()
    assert.deepEqual(await valuesOf(b, 't'), ['a'], `seed ${seed}`)
  }
})

test('recovery goes by the settings of the topic: a compacted one may have gaps', async () => {
  const b = await TestBroker.start()
  const config = { 'cleanup.policy': 'compact', 'internal.segment.bytes': '100' }
  await b.createTopic('t', { config })
  for (const value of ['a', 'b', 'c']) await b.produce('t', [value], { key: value })
  await b.kill()
  for (const suffix of ['log', 'index', 'timeindex', 'snapshot']) {
    b.host.disk.remove(`/data/t-0/00000000000000000001.${suffix}`)
  }
  await b.start()
  assert.deepEqual(await valuesOf(b, 't'), ['a'])
  const behindTheGap = await b.fetch('t', 1)
  assert.deepEqual(recordsIn(behindTheGap.records), [{ offset: 2, value: 'c' }])
})

const TWO_DIRECTORIES = { 'log.dirs': '/data/a,/data/b' }

test('a log is not made anew while the directory that may hold it is offline', async () => {
  const b = await TestBroker.start({ config: TWO_DIRECTORIES })
  await b.createTopic('t', { partitions: 4 })
  for (let partition = 0; partition < 4; partition++) await b.produce('t', ['a'], { partition })
  await b.stop()
  const heal = b.host.disk.faults.add({ operation: 'stat', path: /^\/data\/a/, code: 'EIO' })
  await b.start()
  const answers: string[] = []
  for (let partition = 0; partition < 4; partition++) {
    const { errorCode, records } = await b.fetch('t', 0, { partition })
    answers.push(
      errorCode === 0
        ? recordsIn(records)
            .map(({ value }) => value)
            .join()
        : errorName(errorCode),
    )
  }
  assert.deepEqual(answers.toSorted(), ['KAFKA_STORAGE_ERROR', 'KAFKA_STORAGE_ERROR', 'a', 'a'])
  await b.createTopic('new', { partitions: 2 })
  assert.equal((await b.produce('new', ['a'], { partition: 1 })).errorCode, 0)
  await b.stop()
  heal()
  await b.start()
  for (let partition = 0; partition < 4; partition++) {
    const { records } = await b.fetch('t', 0, { partition })
    assert.deepEqual(recordsIn(records), [{ offset: 0, value: 'a' }])
  }
})

test('a topic deleted while its directory was offline is gone when that is back', async () => {
  const b = await TestBroker.start({ config: TWO_DIRECTORIES })
  const topicId = await b.createTopic('t', { partitions: 2 })
  for (const partition of [0, 1]) await b.produce('t', ['old'], { partition })
  const heal = b.host.disk.faults.add({ operation: 'write', path: /^\/data\/a/, code: 'EIO' })
  for (const partition of [0, 1]) await b.produce('t', ['older'], { partition })
  await b.ask(deleteTopics, { topics: [{ topicId }], timeoutMs: 1_000 })
  await b.createTopic('t', { partitions: 2 })
  for (const partition of [0, 1]) await b.produce('t', ['new'], { partition })
  await b.stop()
  heal()
  await b.start()
  for (const partition of [0, 1]) {
    const { records } = await b.fetch('t', 0, { partition })
    assert.deepEqual(recordsIn(records), [{ offset: 0, value: 'new' }])
  }
  await b.advance(120_000)
  const left = ['/data/a', '/data/b'].flatMap((path) => b.host.disk.list(path))
  assert.deepEqual(left.filter((name) => name.startsWith('t-')).toSorted(), ['t-0', 't-1'])
})

test('a partition whose making failed half-way in one directory and was done in another is found once', async () => {
  const b = await TestBroker.start({ config: TWO_DIRECTORIES })
  const path = /^\/data\/a\/t-0\//
  b.host.disk.faults.add({ operation: 'open', path, code: 'EIO', times: 1 })
  await b.createTopic('t')
  assert.equal((await b.produce('t', ['a'])).errorCode, 0)
  await b.stop()
  await b.start()
  assert.deepEqual(await valuesOf(b, 't'), ['a'])
})

test('records of a partition whose directory is offline cannot be deleted', async () => {
  const b = await TestBroker.start({ config: TWO_DIRECTORIES })
  await b.createTopic('t', { partitions: 2 })
  for (const partition of [0, 1]) await b.produce('t', ['a'], { partition })
  await b.stop()
  b.host.disk.faults.add({ operation: 'stat', path: /^\/data\/a/, code: 'EIO' })
  await b.start()
  const partitions = [0, 1].map((partitionIndex) => ({ partitionIndex, offset: 1 }))
  const { topics } = await b.ask(deleteRecords, {
    topics: [{ name: 't', partitions }],
    timeoutMs: 1,
  })
  const answers = topics[0]?.partitions.map(({ errorCode }) => errorName(errorCode))
  assert.deepEqual(answers?.toSorted(), ['KAFKA_STORAGE_ERROR', 'NONE'])
})

test('a start that cannot write the metadata says so', async () => {
  const b = await TestBroker.start()
  await b.kill()
  b.freezeMetadata()
  await assert.rejects(b.start(), (error: Error) => {
    return error instanceof StartError && /the metadata store failed/.test(error.message)
  })
})

test('a broker without metadata adopts what lies in its directories', async () => {
  const b = await TestBroker.start()
  const topicId = await b.createTopic('t', { partitions: 2 })
  await b.produce('t', ['a'], { partition: 1 })
  await b.stop()
  b.forgetMetadata()
  await b.start()
  assert.deepEqual(await partitionsOf(b), ['t-0@0', 't-1@1'], 'above the latest epoch of the log')
  const { topics } = await b.ask(metadata, { topics: null })
  assert.equal(topics[0]?.topicId, topicId)
})

test('a broker with metadata puts aside what has no topic, and keeps it', async () => {
  const b = await TestBroker.start()
  await b.createTopic('t')
  await b.produce('t', ['a'])
  await b.stop()
  b.host.disk.makeDirectory('/data/ghost-0')
  b.host.disk.makeDirectory('/data/t-7')
  await b.start()
  assert.deepEqual(await partitionsOf(b), ['t-0@0'])
  await b.advance(3_600_000)
  assert.deepEqual(directories(b), ['ghost-0.*-stray', 't-0', 't-7.*-stray'])
})

test('what a crash left of a deleted topic is removed, not put aside', async () => {
  const b = await TestBroker.start()
  await b.createTopic('t')
  const topicId = await b.createTopic('u')
  b.host.disk.faults.add({ operation: 'rename', path: /u-0/, code: 'EIO' })
  await b.ask(deleteTopics, { topics: [{ topicId }], timeoutMs: 1_000 })
  await b.crash()
  await b.start()
  assert.deepEqual(await partitionsOf(b), ['t-0@1'])
  assert.deepEqual(directories(b), ['t-0', 'u-0.*-delete'])
  await b.advance(120_000)
  assert.deepEqual(directories(b), ['t-0'])
})

test('the log start that DeleteRecords set survives a crash once its checkpoint was due', async () => {
  const b = await TestBroker.start()
  await b.createTopic('t', { config: { 'flush.messages': '1' } })
  await b.produce('t', ['a', 'b', 'c'])
  const partitions = [{ partitionIndex: 0, offset: 2 }]
  await b.ask(deleteRecords, { topics: [{ name: 't', partitions }], timeoutMs: 1_000 })
  await b.advance(60_000)
  await b.crash()
  await b.start()
  assert.equal((await b.listOffset('t', -2)).offset, 2)
})

test('a stop ends fetches that wait, with what there is, and takes no time', async () => {
  const b = await TestBroker.start()
  await b.createTopic('t')
  const consumer = await b.connect()
  const request = fetchRequest('t', 0, { maxWaitMs: 30_000 })
  const waiting = consumer.send(fetch, NAMED_FETCH_VERSION, request)
  await b.advance(1_000)
  const beginMs = b.simulation.elapsedMs
  await b.stop()
  assert.ok(b.simulation.elapsedMs - beginMs < 1_000)
  const { responses } = await waiting
  assert.equal(responses[0]?.partitions[0]?.errorCode, 0)
})

test('a stop answers what was produced before it', async () => {
  const b = await TestBroker.start()
  await b.createTopic('t', { config: { 'flush.messages': '1' } })
  const producer = await b.connect()
  const topicData = [{ name: 't', partitionData: [{ index: 0, records: batchOf(['a']) }] }]
  const request = { acks: -1, timeoutMs: 30_000, topicData }
  const producing = producer.send(produce, NAMED_PRODUCE_VERSION, request)
  let isSent = false
  b.host.disk.faults.add({ operation: 'sync', times: 1, delayMs: 100 })
  while (!isSent) {
    await b.advance(1)
    isSent = b.host.disk.stat('/data/t-0/00000000000000000000.log')?.sizeBytes !== 0
  }
  await b.stop()
  const { responses } = await producing
  assert.equal(responses[0]?.partitionResponses[0]?.errorCode, 0)
  await b.start()
  assert.deepEqual(await valuesOf(b, 't'), ['a'])
})

test('a broker whose last log directory fails stops and says why', async () => {
  const b = await TestBroker.start()
  await b.createTopic('t')
  b.host.disk.faults.add({ operation: 'write', path: /t-0/, code: 'EIO' })
  const { errorCode } = await b.produce('t', ['a'])
  assert.notEqual(errorCode, 0)
  await b.advance(10_000)
  assert.match(b.fatal.join(), /No log directory is left: \/data does not work/)
  await assert.rejects(b.connect())
})
