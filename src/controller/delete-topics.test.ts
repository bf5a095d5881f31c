import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ErrorName } from '../protocol/errors.ts'
import { ZERO_UUID } from '../protocol/primitives.ts'
import { clusterOf, create, rulesOf, wanted } from './controller-fixtures-for-test.ts'
import { type DeletableTopic, decideDeleteTopics, decideForgetDeleted } from './delete-topics.ts'
import { putPartition } from './partition-change.ts'

const byName = (name: string | null): DeletableTopic => ({ name, topicId: ZERO_UUID })
const byId = (topicId: string): DeletableTopic => ({ name: null, topicId })
const UNKNOWN = 'NoSuchTopicIdAtAll_12A'

async function clusterWithTopic() {
  const { store } = await clusterOf(1)
  const configs = [{ name: 'retention.ms', value: '5' }]
  const [topic] = await create(store, rulesOf(), wanted('a', { numPartitions: 2, configs }))
  return { store, id: topic?.topicId ?? '' }
}

type Row = readonly [
  sentence: string,
  request: (id: string) => readonly DeletableTopic[],
  answer: readonly (readonly [ErrorName, string])[],
]

/** Requests to a cluster of topic `a`, and what Apache Kafka 4.3.1 answers them. */
const refusals: readonly Row[] = [
  [
    'an unknown name',
    () => [byName('zz')],
    [['UNKNOWN_TOPIC_OR_PARTITION', 'This server does not host this topic-partition.']],
  ],
  [
    'an unknown id',
    () => [byId(UNKNOWN)],
    [['UNKNOWN_TOPIC_ID', 'This server does not host this topic ID.']],
  ],
  [
    'a name and an id',
    (id) => [{ name: 'a', topicId: id }],
    [['INVALID_REQUEST', 'You may not specify both topic name and topic id.']],
  ],
  [
    'neither name nor id',
    () => [byName(null)],
    [['INVALID_REQUEST', 'Neither topic name nor id were specified.']],
  ],
  [
    'a name three times',
    () => [byName('a'), byName('a'), byName('a')],
    [['INVALID_REQUEST', 'Duplicate topic name.']],
  ],
  ['an id twice', (id) => [byId(id), byId(id)], [['INVALID_REQUEST', 'Duplicate topic id.']]],
  [
    'a name and its id',
    (id) => [byName('a'), byId(id)],
    [['INVALID_REQUEST', 'The provided topic name maps to an ID that was already supplied.']],
  ],
]
for (const [sentence, request, answer] of refusals) {
  test(`${sentence}: refused as Kafka refuses it, and the topic stays`, async () => {
    const { store, id } = await clusterWithTopic()
    const results = await store.commit((image) => decideDeleteTopics(image, request(id), true))
    assert.deepEqual(
      results.map(({ error, message }) => [error, message]),
      answer,
    )
    assert.equal(store.image.topics.size, 1)
    await store.close()
  })
}

for (const [way, item] of [
  ['name', () => byName('a')],
  ['id', byId],
] as const) {
  test(`a topic deleted by ${way} goes with its partitions and its settings`, async () => {
    const { store, id } = await clusterWithTopic()
    const partition = store.image.topics.get('a')?.partitions[1]
    assert.ok(partition)
    await store.commit(() => ({ puts: [putPartition(id, partition)], result: undefined }))
    const results = await store.commit((image) => decideDeleteTopics(image, [item(id)], true))
    assert.deepEqual(results, [{ name: 'a', topicId: id, error: 'NONE', message: null }])
    assert.equal(store.image.topics.size, 0)
    assert.equal(store.image.topicConfigs.size, 0)
    const { entries } = await store.coordination.read('')
    assert.deepEqual(
      entries.map(({ key }) => key),
      ['/brokers/1', `/deleted-topics/${id}`],
    )
    await store.close()
  })
}

test('a deleted topic is remembered until it is told that its directories are gone', async () => {
  const { store, id } = await clusterWithTopic()
  await store.commit((image) => decideDeleteTopics(image, [byName('a')], true))
  assert.equal(store.image.deletedTopics.get(id), 'a')
  await store.commit((image) => decideForgetDeleted(image, [id, UNKNOWN]))
  assert.equal(store.image.deletedTopics.size, 0)
  await store.close()
})

test('a topic made again in the meantime is not deleted in place of the old one', async () => {
  const { store } = await clusterWithTopic()
  const { result, ...commit } = decideDeleteTopics(store.image, [byName('a')], true)
  await store.commit((image) => decideDeleteTopics(image, [byName('a')], true))
  await create(store, rulesOf(), wanted('a'))
  assert.equal((await store.coordination.commit(commit)).committed, false)
  assert.equal(store.image.topics.size, 1)
  await store.close()
})

test('nothing is deleted where deletion is switched off', async () => {
  const { store } = await clusterWithTopic()
  assert.throws(() => decideDeleteTopics(store.image, [byName('a')], false), {
    error: 'TOPIC_DELETION_DISABLED',
  })
  await store.close()
})
