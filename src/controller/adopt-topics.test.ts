import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Adoption, adoptTopics, type FoundPartition } from './adopt-topics.ts'
import { clusterOf, create, rulesOf, seededRandom, wanted } from './controller-fixtures-for-test.ts'
import { decideDeleteTopics } from './delete-topics.ts'
import { randomTopicId } from './topic-id.ts'

const random = seededRandom(11)
const ID = randomTopicId(random)
const OTHER_ID = randomTopicId(random)

const found = (topic: string, partition: number, over: Partial<FoundPartition> = {}) => ({
  topic,
  partition,
  topicId: ID,
  leaderEpoch: -1,
  ...over,
})

async function emptyCluster() {
  const { store } = await clusterOf(7)
  const adopt = (...partitions: FoundPartition[]) =>
    adoptTopics(store, partitions, 7, () => randomTopicId(random))
  return { store, adopt }
}

const nothing: Adoption = { adopted: [], deleted: [], refused: [] }

test('directories become a topic of their name and id, led by this broker alone', async () => {
  const { adopt, store } = await emptyCluster()
  assert.deepEqual(await adopt(found('a', 1), found('a', 0)), { ...nothing, adopted: ['a'] })
  const topic = store.image.topics.get('a')
  assert.equal(topic?.id, ID)
  assert.deepEqual(
    topic?.partitions.map(({ leader, replicas, isr }) => ({ leader, replicas, isr })),
    [0, 1].map(() => ({ leader: 7, replicas: [7], isr: [7] })),
  )
  await store.close()
})

test('a partition goes on in an epoch above the latest of its log', async () => {
  const { adopt, store } = await emptyCluster()
  await adopt(found('a', 0, { leaderEpoch: 4 }), found('a', 1, { leaderEpoch: 0 }), found('a', 2))
  assert.deepEqual(
    store.image.topics.get('a')?.partitions.map(({ leaderEpoch }) => leaderEpoch),
    [5, 1, 0],
  )
  await store.close()
})

test('partitions that are missing below the highest are made', async () => {
  const { adopt, store } = await emptyCluster()
  await adopt(found('a', 3))
  assert.equal(store.image.topics.get('a')?.partitions.length, 4)
  await store.close()
})

test('a directory without an id gets one', async () => {
  const { adopt, store } = await emptyCluster()
  await adopt(found('a', 0, { topicId: undefined }), found('b', 0, { topicId: undefined }))
  const ids = [...store.image.topics.values()].map(({ id }) => id)
  assert.equal(new Set(ids).size, 2)
  await store.close()
})

test('what is known already is neither adopted nor refused', async () => {
  const { adopt, store } = await emptyCluster()
  await adopt(found('a', 0), found('a', 1))
  const { revision } = store.image
  assert.deepEqual(await adopt(found('a', 0), found('a', 1, { topicId: undefined })), nothing)
  assert.equal(store.image.revision, revision)
  await store.close()
})

test('what a crash left of a deleted topic is not adopted but named for removal', async () => {
  const { adopt, store } = await emptyCluster()
  await adopt(found('a', 0))
  const topics = [{ name: null, topicId: ID }]
  await store.commit((image) => decideDeleteTopics(image, topics, true))
  assert.deepEqual(await adopt(found('a', 0)), { ...nothing, deleted: [ID] })
  assert.equal(store.image.topics.size, 0)
  await store.close()
})

type Row = readonly [reason: string, ...found: FoundPartition[]]

const refusals: readonly Row[] = [
  [`its topic id is ${OTHER_ID}, the topic's is ${ID}`, found('known', 0, { topicId: OTHER_ID })],
  [`its topic id ${ID} belongs to another topic`, found('new', 0)],
  ["partition 2 is beyond the topic's 1", found('known', 2)],
  ['its name collides with the topic dotted.name', found('dotted_name', 0, { topicId: undefined })],
  [
    'its partitions have different topic ids',
    found('new', 0, { topicId: OTHER_ID }),
    found('new', 1),
  ],
  ["__cluster_metadata is the log of Kafka's own controllers", found('__cluster_metadata', 0)],
  [
    'its topic id AAAAAAAAAAAAAAAAAAAAAQ is reserved',
    found('new', 0, { topicId: 'AAAAAAAAAAAAAAAAAAAAAQ' }),
  ],
  [
    'partition 2000000000 is beyond the limit of 20000',
    found('new', 2_000_000_000, { topicId: undefined }),
  ],
]
for (const [reason, ...partitions] of refusals) {
  test(`left lying: ${reason}`, async () => {
    const { adopt, store } = await emptyCluster()
    await adopt(found('known', 0))
    await create(store, rulesOf(), wanted('dotted.name'))
    const before = store.image
    const topic = partitions[0]?.topic
    assert.deepEqual(await adopt(...partitions), { ...nothing, refused: [{ topic, reason }] })
    assert.equal(store.image, before)
    await store.close()
  })
}

test('of two directories that claim one id, or colliding names, the first is adopted', async () => {
  const { adopt, store } = await emptyCluster()
  const free = { topicId: undefined }
  const outcome = await adopt(
    found('a', 0),
    found('b', 0),
    found('x.y', 0, free),
    found('x_y', 0, free),
  )
  assert.deepEqual(outcome, {
    ...nothing,
    adopted: ['a', 'x.y'],
    refused: [
      { topic: 'b', reason: `its topic id ${ID} belongs to another topic` },
      { topic: 'x_y', reason: 'another topic that was found has a colliding name' },
    ],
  })
  await store.close()
})

test('more partitions than one commit takes are adopted in several', async () => {
  const { adopt, store } = await emptyCluster()
  const partitions = Array.from({ length: 40_000 }, (_, i) =>
    found(`t${Math.floor(i / 100)}`, i % 100, { topicId: undefined, leaderEpoch: 1 }),
  )
  assert.equal((await adopt(...partitions)).adopted.length, 400)
  assert.equal(store.image.topics.size, 400)
  await store.close()
})
