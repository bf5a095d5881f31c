import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { topicKey } from '../metadata/keys.ts'
import type { ErrorName } from '../protocol/errors.ts'
import { ZERO_UUID } from '../protocol/primitives.ts'
import { decideAutoCreation } from './auto-create-topics.ts'
import {
  assigned,
  clusterOf,
  configsOf,
  create,
  rulesOf,
  seededRandom,
  wanted,
} from './controller-fixtures-for-test.ts'
import { type CreatableTopic, decideCreateTopics } from './create-topics.ts'
import { isUsableTopicId, randomTopicId } from './topic-id.ts'

const config = (name: string, value: string | null) => ({ configs: [{ name, value }] })

/** Requests to a cluster of broker 1 and topic `a.b`, and what Apache Kafka 4.3.1 answers them. */
const refusals: readonly (readonly [CreatableTopic, ErrorName, string])[] = [
  [wanted(''), 'INVALID_TOPIC_EXCEPTION', 'Topic name is invalid: the empty string is not allowed'],
  [wanted('.'), 'INVALID_TOPIC_EXCEPTION', "Topic name is invalid: '.' is not allowed"],
  [wanted('..'), 'INVALID_TOPIC_EXCEPTION', "Topic name is invalid: '..' is not allowed"],
  [
    wanted('a b'),
    'INVALID_TOPIC_EXCEPTION',
    "Topic name is invalid: 'a b' contains one or more characters other than ASCII alphanumerics, " +
      "'.', '_' and '-'",
  ],
  [
    wanted('x'.repeat(250)),
    'INVALID_TOPIC_EXCEPTION',
    `Topic name is invalid: the length of '${'x'.repeat(250)}' is longer than the max allowed length 249`,
  ],
  [
    wanted('__cluster_metadata'),
    'INVALID_REQUEST',
    'Creation of internal topic __cluster_metadata is prohibited.',
  ],
  [wanted('a_b'), 'INVALID_TOPIC_EXCEPTION', "Topic 'a_b' collides with existing topic: a.b"],
  [wanted('a.b'), 'TOPIC_ALREADY_EXISTS', "Topic 'a.b' already exists."],
  [
    wanted('n', { numPartitions: 0 }),
    'INVALID_PARTITIONS',
    'Number of partitions was set to an invalid non-positive value.',
  ],
  [
    wanted('n', { numPartitions: -2 }),
    'INVALID_PARTITIONS',
    'Number of partitions was set to an invalid non-positive value.',
  ],
  [
    wanted('n', { replicationFactor: 0, numPartitions: 0 }),
    'INVALID_REPLICATION_FACTOR',
    'Replication factor must be larger than 0, or -1 to use the default value.',
  ],
  [
    wanted('n', { replicationFactor: 2 }),
    'INVALID_REPLICATION_FACTOR',
    'Unable to replicate the partition 2 time(s): The target replication factor of 2 cannot be reached ' +
      'because only 1 broker(s) are registered or some brokers have all their log directories cordoned.',
  ],
  [
    wanted('n', { ...assigned([0, 1]), numPartitions: 1 }),
    'INVALID_REQUEST',
    'A manual partition assignment was specified, but numPartitions was not set to -1.',
  ],
  [
    wanted('n', { ...assigned([0, 1]), replicationFactor: 1 }),
    'INVALID_REQUEST',
    'A manual partition assignment was specified, but replication factor was not set to -1.',
  ],
  [
    wanted('n', assigned([0, 1], [2, 1])),
    'INVALID_REPLICA_ASSIGNMENT',
    'partitions should be a consecutive 0-based integer sequence',
  ],
  [
    wanted('n', assigned([0])),
    'INVALID_REPLICA_ASSIGNMENT',
    'The manual partition assignment includes an empty replica list.',
  ],
  [
    wanted('n', assigned([0, 99])),
    'INVALID_REPLICA_ASSIGNMENT',
    'The manual partition assignment includes broker 99, but no such broker is registered.',
  ],
  [
    wanted('n', assigned([0, 1, 1])),
    'INVALID_REPLICA_ASSIGNMENT',
    'The manual partition assignment includes the broker 1 more than once.',
  ],
  [
    wanted('n', assigned([0, 1], [0, 1])),
    'INVALID_REPLICA_ASSIGNMENT',
    'Found multiple manual partition assignments for partition 0',
  ],
  [
    wanted('n', config('retention.ms', null)),
    'INVALID_CONFIG',
    'Null value not supported for topic configs: retention.ms',
  ],
  [wanted('n', config('nope', '1')), 'INVALID_CONFIG', 'Unknown topic config name: nope'],
  [
    wanted('n', config('retention.ms', 'never')),
    'INVALID_CONFIG',
    'Invalid value never for configuration retention.ms: Not a number of type LONG',
  ],
  [
    wanted('n', config('segment.bytes', '1')),
    'INVALID_CONFIG',
    'Invalid value 1 for configuration segment.bytes: Value must be at least 1048576',
  ],
]
for (const [topic, error, message] of refusals) {
  test(`${error} is the answer where it is Kafka's: ${message.slice(0, 70)}`, async () => {
    const { store } = await clusterOf(1)
    await create(store, rulesOf(), wanted('a.b'))
    const before = store.image
    const [result] = await create(store, rulesOf(), topic)
    assert.deepEqual(result, {
      name: topic.name,
      topicId: ZERO_UUID,
      numPartitions: -1,
      replicationFactor: -1,
      overrides: {},
      error,
      message,
    })
    assert.equal(store.image, before)
    await store.close()
  })
}

test('replicas of one topic are as many in every partition', async () => {
  const { store } = await clusterOf(1, 2)
  const [result] = await create(store, rulesOf(), wanted('n', assigned([0, 1], [1, 2, 1])))
  assert.equal(result?.error, 'INVALID_REPLICA_ASSIGNMENT')
  assert.equal(
    result?.message,
    'The manual partition assignment includes a partition with 2 replica(s), but this is not ' +
      'consistent with previous partitions, which have 1 replica(s).',
  )
  await store.close()
})

test('one bad topic does not keep the others from being created', async () => {
  const { store } = await clusterOf(1)
  const results = await create(store, rulesOf(), wanted('a'), wanted('b b'), wanted('c'))
  assert.deepEqual(
    results.map(({ name, error }) => [name, error]),
    [
      ['a', 'NONE'],
      ['b b', 'INVALID_TOPIC_EXCEPTION'],
      ['c', 'NONE'],
    ],
  )
  assert.equal(store.image.topics.size, 2)
  await store.close()
})

test('a name that occurs twice is refused once, and not created', async () => {
  const { store } = await clusterOf(1)
  const results = await create(store, rulesOf(), wanted('n'), wanted('m'), wanted('n'))
  assert.deepEqual(
    results.map(({ name, error, message }) => [name, error, message]),
    [
      ['m', 'NONE', null],
      ['n', 'INVALID_REQUEST', 'Duplicate topic name.'],
    ],
  )
  assert.deepEqual([...store.image.topics.keys()], ['m'])
  await store.close()
})

test('of names that collide within a request the first is created', async () => {
  const { store } = await clusterOf(1)
  const results = await create(store, rulesOf(), wanted('x.y'), wanted('x_y'))
  assert.equal(results[1]?.message, "Topic 'x_y' collides with existing topic: x.y")
  assert.deepEqual([...store.image.topics.keys()], ['x.y'])
  await store.close()
})

test('-1 takes the default of the broker', async () => {
  const { store } = await clusterOf(1, 2, 3)
  const rules = rulesOf({ configs: configsOf('num.partitions=4', 'default.replication.factor=2') })
  const both = { numPartitions: -1, replicationFactor: -1 }
  const [result] = await create(store, rules, wanted('a', both))
  assert.equal(result?.numPartitions, 4)
  assert.equal(result?.replicationFactor, 2)
  await store.close()
})

test('an assignment is what the topic has, its first replicas leading', async () => {
  const { store } = await clusterOf(1, 2, 3)
  const [result] = await create(store, rulesOf(), wanted('a', assigned([1, 3, 1], [0, 2, 3])))
  assert.equal(result?.numPartitions, 2)
  assert.deepEqual(
    store.image.topics.get('a')?.partitions.map(({ leader, replicas }) => [leader, replicas]),
    [
      [2, [2, 3]],
      [3, [3, 1]],
    ],
  )
  await store.close()
})

test('settings are kept with the topic; of a key given twice the last value counts', async () => {
  const { store } = await clusterOf(1)
  const configs = [
    { name: 'retention.ms', value: 'x' },
    { name: 'retention.ms', value: '5' },
    { name: 'cleanup.policy', value: 'compact' },
  ]
  const [result] = await create(store, rulesOf(), wanted('a', { configs }))
  const overrides = { 'retention.ms': '5', 'cleanup.policy': 'compact' }
  assert.deepEqual(result?.overrides, overrides)
  assert.deepEqual(store.image.topicConfigs.get('a'), overrides)
  await store.close()
})

test('only validated, a request is answered as if it were carried out, and nothing is written', async () => {
  const { store } = await clusterOf(1)
  const request = { topics: [wanted('a', { numPartitions: 3 })], validateOnly: true }
  const { result, ...writes } = decideCreateTopics(store.image, request, rulesOf())
  assert.equal(result[0]?.error, 'NONE')
  assert.equal(result[0]?.numPartitions, 3)
  assert.deepEqual(writes, {})
  await store.close()
})

test('one request makes at most 10,000 records; beyond it nothing of it is done', async () => {
  const { store } = await clusterOf(1)
  const manyConfigs = config('retention.ms', '1')
  const rows: readonly (readonly [CreatableTopic[], string | null])[] = [
    [[wanted('n', { numPartitions: 9_999 })], null],
    [
      [wanted('n', { numPartitions: 10_000 }), wanted('m')],
      'Excessively large number of partitions per request.',
    ],
    [
      [wanted('n', { numPartitions: 10_000 })],
      'Unable to perform excessively large batch operation.',
    ],
    [
      [wanted('n', { numPartitions: 9_999, ...manyConfigs })],
      'Unable to perform excessively large batch operation.',
    ],
    [
      [wanted('n', { numPartitions: 6_000 }), wanted('m', { numPartitions: 6_000 })],
      'Excessively large number of partitions per request.',
    ],
    [
      [wanted('n', { numPartitions: 2 ** 31 - 1 }), wanted('b b')],
      'Excessively large number of partitions per request.',
    ],
  ]
  for (const [topics, message] of rows) {
    const decision = decideCreateTopics(store.image, { topics, validateOnly: false }, rulesOf())
    for (const result of decision.result) {
      assert.equal(result.message, message)
      assert.equal(result.error, message === null ? 'NONE' : 'POLICY_VIOLATION')
    }
    assert.equal((decision.puts?.length ?? 0) === 0, message !== null)
  }
  await store.close()
})

test('the cluster has at most so many partitions; a topic that still fits is created', async () => {
  const { store } = await clusterOf(1)
  const rules = rulesOf({ maxPartitions: 10 })
  await create(store, rules, wanted('a', { numPartitions: 6 }))
  const topics = [wanted('b', { numPartitions: 5 }), wanted('c', { numPartitions: 4 })]
  const [refused, created] = await create(store, rules, ...topics)
  assert.equal(refused?.error, 'POLICY_VIOLATION')
  assert.equal(
    refused?.message,
    "Topic 'b' cannot get 5 more partition(s): the cluster has 6 of at most 10.",
  )
  assert.equal(created?.error, 'NONE')
  await store.close()
})

test('a topic is created only while neither its name nor a colliding one is there', async () => {
  const { store } = await clusterOf(1)
  const request = { topics: [wanted('a.b')], validateOnly: false }
  const { expect } = decideCreateTopics(store.image, request, rulesOf())
  assert.deepEqual(expect, { [topicKey('a_b')]: { createRevision: 0 } })
  await store.close()
})

test('placement spreads leaders evenly and never puts two replicas on one broker', async () => {
  const { store } = await clusterOf(5, 1, 9, 3)
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 4 }), (seed, replicationFactor) => {
      const random = seededRandom(seed)
      const topics = [wanted('a', { numPartitions: 12, replicationFactor })]
      const { puts } = decideCreateTopics(
        store.image,
        { topics, validateOnly: false },
        rulesOf({ random }),
      )
      const { partitions } = JSON.parse(puts?.[0]?.value ?? '') as { partitions: number[][] }
      for (const replicas of partitions) assert.equal(new Set(replicas).size, replicationFactor)
      const leaders = Object.groupBy(partitions, (replicas) => String(replicas[0]))
      for (const led of Object.values(leaders)) assert.equal(led?.length, 3)
      const held = Object.groupBy(partitions.flat(), String)
      for (const count of Object.values(held)) assert.equal(count?.length, 3 * replicationFactor)
    }),
    { numRuns: 200 },
  )
  await store.close()
})

test('topic ids are random, none reserved and none like an option', () => {
  const random = seededRandom(7)
  const ids = Array.from({ length: 2_000 }, () => randomTopicId(random))
  assert.equal(new Set(ids).size, ids.length)
  for (const id of ids) assert.ok(/^[A-Za-z0-9_][A-Za-z0-9_-]{21}$/.test(id) && isUsableTopicId(id))
  assert.equal(isUsableTopicId(ZERO_UUID), false)
  assert.equal(isUsableTopicId('AAAAAAAAAAAAAAAAAAAAAQ'), false)
  assert.equal(isUsableTopicId('short'), false)
})

test('auto-creation uses the defaults and leaves the topics of the broker itself alone', async () => {
  const { store } = await clusterOf(1)
  const names = ['a', '__consumer_offsets', 'b b']
  const rules = rulesOf({ configs: configsOf('num.partitions=3') })
  const results = await store.commit((image) => decideAutoCreation(image, names, rules))
  assert.deepEqual(
    results.map(({ name, error }) => [name, error]),
    [
      ['a', 'NONE'],
      ['b b', 'INVALID_TOPIC_EXCEPTION'],
    ],
  )
  assert.equal(store.image.topics.get('a')?.partitions.length, 3)
  await store.close()
})
