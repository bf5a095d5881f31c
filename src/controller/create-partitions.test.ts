import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ErrorName } from '../protocol/errors.ts'
import { clusterOf, create, rulesOf, seededRandom, wanted } from './controller-fixtures-for-test.ts'
import { decideCreatePartitions, type GrowingTopic } from './create-partitions.ts'
import { putPartition } from './partition-change.ts'

const rules = { maxPartitions: 50_000, random: seededRandom(3) }
const grow = (count: number, ...assignments: number[][]): GrowingTopic => ({
  name: 'a.b',
  count,
  assignments: assignments.length > 0 ? assignments.map((brokerIds) => ({ brokerIds })) : null,
})

async function clusterWithTopic() {
  const { store } = await clusterOf(1)
  await create(store, rulesOf(), wanted('a.b', { numPartitions: 2 }))
  return store
}

/** Requests to a topic of two partitions, and what Apache Kafka 4.3.1 answers them. */
const refusals: readonly (readonly [GrowingTopic, ErrorName, string])[] = [
  [grow(2), 'INVALID_PARTITIONS', 'Topic already has 2 partition(s).'],
  [
    grow(1),
    'INVALID_PARTITIONS',
    'The topic a.b currently has 2 partition(s); 1 would not be an increase.',
  ],
  [
    grow(-1),
    'INVALID_PARTITIONS',
    'The topic a.b currently has 2 partition(s); -1 would not be an increase.',
  ],
  [
    { name: 'zzz', count: 2, assignments: null },
    'UNKNOWN_TOPIC_OR_PARTITION',
    'This server does not host this topic-partition.',
  ],
  [
    grow(4, [1]),
    'INVALID_REPLICA_ASSIGNMENT',
    'Attempted to add 2 additional partition(s), but only 1 assignment(s) were specified.',
  ],
  [
    { name: 'a.b', count: 3, assignments: [] },
    'INVALID_REPLICA_ASSIGNMENT',
    'Attempted to add 1 additional partition(s), but only 0 assignment(s) were specified.',
  ],
  [
    grow(3, []),
    'INVALID_REPLICA_ASSIGNMENT',
    'The manual partition assignment includes an empty replica list.',
  ],
  [
    grow(3, [9]),
    'INVALID_REPLICA_ASSIGNMENT',
    'The manual partition assignment includes broker 9, but no such broker is registered.',
  ],
  [grow(10_003), 'POLICY_VIOLATION', 'Excessively large number of partitions per request.'],
  [grow(2 ** 31 - 1), 'POLICY_VIOLATION', 'Excessively large number of partitions per request.'],
]
for (const [topic, error, message] of refusals) {
  test(`a topic of two partitions asked for ${topic.count}: ${message.slice(0, 60)}`, async () => {
    const store = await clusterWithTopic()
    const request = { topics: [topic], validateOnly: false }
    const results = await store.commit((image) => decideCreatePartitions(image, request, rules))
    assert.deepEqual(results, [{ name: topic.name, error, message }])
    assert.equal(store.image.topics.get('a.b')?.partitions.length, 2)
    await store.close()
  })
}

test('a topic named twice is refused once, the others grow', async () => {
  const store = await clusterWithTopic()
  await create(store, rulesOf(), wanted('c'))
  const topics = [grow(3), { name: 'c', count: 2, assignments: null }, grow(4)]
  const results = await store.commit((image) =>
    decideCreatePartitions(image, { topics, validateOnly: false }, rules),
  )
  assert.deepEqual(results, [
    { name: 'c', error: 'NONE', message: null },
    { name: 'a.b', error: 'INVALID_REQUEST', message: 'Duplicate topic name.' },
  ])
  assert.equal(store.image.topics.get('a.b')?.partitions.length, 2)
  assert.equal(store.image.topics.get('c')?.partitions.length, 2)
  await store.close()
})

test('partitions that are there stay as they are, new ones begin at epoch 0', async () => {
  const store = await clusterWithTopic()
  const { id = '', partitions: [first] = [] } = store.image.topics.get('a.b') ?? {}
  assert.ok(first)
  await store.commit(() => ({
    puts: [putPartition(id, { ...first, leaderEpoch: 5 })],
    result: undefined,
  }))
  await store.commit((image) =>
    decideCreatePartitions(image, { topics: [grow(4, [1], [1])], validateOnly: false }, rules),
  )
  const topic = store.image.topics.get('a.b')
  assert.equal(topic?.id, id)
  assert.deepEqual(
    topic?.partitions.map(({ index, leaderEpoch }) => [index, leaderEpoch]),
    [
      [0, 5],
      [1, 0],
      [2, 0],
      [3, 0],
    ],
  )
  await store.close()
})

test('only validated, nothing grows', async () => {
  const store = await clusterWithTopic()
  const request = { topics: [grow(3)], validateOnly: true }
  const { result, ...writes } = decideCreatePartitions(store.image, request, rules)
  assert.equal(result[0]?.error, 'NONE')
  assert.deepEqual(writes, {})
  await store.close()
})

test('two that grow a topic at once do not both add the same partition', async () => {
  const store = await clusterWithTopic()
  const request = { topics: [grow(3)], validateOnly: false }
  const { result, ...late } = decideCreatePartitions(store.image, request, rules)
  await store.commit((image) => decideCreatePartitions(image, request, rules))
  assert.equal((await store.coordination.commit(late)).committed, false)
  await store.close()
})

test('the cluster has at most so many partitions', async () => {
  const store = await clusterWithTopic()
  const request = { topics: [grow(6)], validateOnly: false }
  const [result] = await store.commit((image) =>
    decideCreatePartitions(image, request, { ...rules, maxPartitions: 5 }),
  )
  assert.equal(result?.error, 'POLICY_VIOLATION')
  assert.match(result?.message ?? '', /4 more partition\(s\): the cluster has 2 of at most 5/)
  await store.close()
})
