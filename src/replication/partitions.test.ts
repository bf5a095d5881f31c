import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ErrorName, KafkaError } from '../protocol/errors.ts'
import { batchOf, TestPartitions, TOPIC_ID, topicOf } from './replication-fixtures-for-test.ts'

const OTHER_ID = 'AAAAAAAAAAAAAAAAAAAAyQ'

const ofError = (name: ErrorName) => (error: unknown) =>
  error instanceof KafkaError && error.error === name

const names = (t: TestPartitions) => Array.from(t.partitions, ({ name }) => name).sort()

test('a topic’s partitions are found by its name and by its id', async () => {
  const t = await TestPartitions.open()
  await t.apply(topicOf('t', [{}, {}]))
  assert.deepEqual(names(t), ['t-0', 't-1'])
  assert.equal(t.partitions.byName('t', 1), t.partitions.byId(TOPIC_ID, 1))
  assert.equal(t.partitions.nameOf(TOPIC_ID), 't')
  assert.equal(t.partitions.find('t', 1), t.partitions.byName('t', 1))
})

const missing: readonly (readonly [string, (t: TestPartitions) => unknown, ErrorName])[] = [
  ['an unknown name', ({ partitions }) => partitions.byName('x', 0), 'UNKNOWN_TOPIC_OR_PARTITION'],
  ['an unknown id', ({ partitions }) => partitions.byId(OTHER_ID, 0), 'UNKNOWN_TOPIC_ID'],
  ['a high index', ({ partitions }) => partitions.byName('t', 2), 'UNKNOWN_TOPIC_OR_PARTITION'],
  [
    'a negative index',
    ({ partitions }) => partitions.byId(TOPIC_ID, -1),
    'UNKNOWN_TOPIC_OR_PARTITION',
  ],
  ['one on other brokers', ({ partitions }) => partitions.byName('t', 1), 'NOT_LEADER_OR_FOLLOWER'],
]
for (const [what, find, error] of missing) {
  test(`${what} is ${error}`, async () => {
    const t = await TestPartitions.open()
    await t.apply(topicOf('t', [{}, { leader: 2, replicas: [2, 3], isr: [2] }]))
    assert.throws(() => find(t), ofError(error))
    assert.equal(t.partitions.find('nil', 0), undefined)
  })
}

test('a topic that grows keeps the partitions it has', async () => {
  const t = await TestPartitions.open()
  const before = await t.partition()
  await t.append(before, ['a'])
  await t.apply(topicOf('t', [{}, {}]))
  assert.equal(t.partitions.byName('t', 0), before)
  assert.equal(before.highWatermark, 1)
  assert.deepEqual(names(t), ['t-0', 't-1'])
})

test('a deleted topic takes its partitions with it, and all who wait are told', async () => {
  const t = await TestPartitions.open()
  const partition = await t.partition({ replicas: [1, 2], isr: [1] })
  const waiting = partition.append(batchOf(['a']), -1, 60_000)
  t.minIsr = 2
  const refused = assert.rejects(waiting, ofError('UNKNOWN_TOPIC_OR_PARTITION'))
  await t.turn()
  await t.apply()
  await refused
  assert.deepEqual(names(t), [])
  assert.throws(() => t.partitions.byId(TOPIC_ID, 0), ofError('UNKNOWN_TOPIC_ID'))
  assert.equal(t.logs.get('t', 0), undefined)
})

test('a topic made anew under the same name begins empty, and its old id is gone', async () => {
  const t = await TestPartitions.open()
  const before = await t.partition()
  await t.append(before, ['a'])
  await t.apply(topicOf('t', [{}], OTHER_ID))
  const after = t.partitions.byName('t', 0)
  assert.notEqual(after, before)
  assert.equal(after.log.logEndOffset, 0)
  assert.equal(after.topicId, OTHER_ID)
  assert.throws(() => t.partitions.byId(TOPIC_ID, 0), ofError('UNKNOWN_TOPIC_ID'))
  await assert.rejects(t.append(before, ['b']), ofError('UNKNOWN_TOPIC_OR_PARTITION'))
})

test('a partition that moves to other brokers leaves this one', async () => {
  const t = await TestPartitions.open()
  await t.apply(topicOf('t', [{}, {}]))
  await t.apply(topicOf('t', [{}, { leader: 2, leaderEpoch: 1, replicas: [2], isr: [2] }]))
  assert.deepEqual(names(t), ['t-0'])
  assert.throws(() => t.partitions.byName('t', 1), ofError('NOT_LEADER_OR_FOLLOWER'))
})

test('changes are carried out in order, however fast they come', async () => {
  const t = await TestPartitions.open()
  const all = [
    t.apply(topicOf('t', [{}])),
    t.apply(topicOf('t', [{}], OTHER_ID)),
    t.apply(),
    t.apply(topicOf('t', [{}, {}])),
  ]
  await Promise.all(all)
  await t.settle(t.partitions.applied())
  assert.deepEqual(names(t), ['t-0', 't-1'])
  assert.equal(t.partitions.nameOf(TOPIC_ID), 't')
  assert.equal(t.partitions.nameOf(OTHER_ID), undefined)
})

test('a partition whose log is another topic’s is there, and says so', async () => {
  const t = await TestPartitions.open()
  await t.settle(t.logs.getOrCreate('t', 0, OTHER_ID, true))
  await t.apply(topicOf('t'))
  const partition = t.partitions.byName('t', 0)
  await assert.rejects(t.append(partition, ['a']), ofError('KAFKA_STORAGE_ERROR'))
  assert.ok(t.logger.entries.some(({ message }) => message === 'A partition has no log.'))
})

test('closing tells those who wait that the broker goes', async () => {
  const t = await TestPartitions.open()
  const partition = await t.partition({ replicas: [1, 2], isr: [1] })
  const waiting = partition.append(batchOf(['a']), -1, 60_000)
  t.minIsr = 2
  const refused = assert.rejects(waiting, ofError('NOT_LEADER_OR_FOLLOWER'))
  await t.turn()
  t.partitions.close()
  await refused
})
