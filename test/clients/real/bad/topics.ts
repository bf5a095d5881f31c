import { metadata } from '../../../../src/protocol/api/03-metadata.ts'
import { createTopics } from '../../../../src/protocol/api/19-create-topics.ts'
import { deleteTopics } from '../../../../src/protocol/api/20-delete-topics.ts'
import { describeLogDirs } from '../../../../src/protocol/api/35-describe-log-dirs.ts'
import { createPartitions } from '../../../../src/protocol/api/37-create-partitions.ts'
import { describeTopicPartitions } from '../../../../src/protocol/api/75-describe-topic-partitions.ts'
import { ZERO_UUID } from '../../../../src/protocol/primitives.ts'
import { type BadRequest, rowsOf, unknownId, type World } from './row.ts'

/** A topic to create, with what a row wants otherwise. */
interface Wanted {
  readonly name?: string
  readonly numPartitions?: number
  readonly replicationFactor?: number
  readonly assignments?: readonly (readonly [partition: number, ...brokers: number[]])[]
  readonly configs?: Readonly<Record<string, string | null>>
}

const create = rowsOf(createTopics, 7)

/** Only validated: what is wrong is told all the same, and nothing stays behind. */
const creating = (name: string, wanted: Wanted | ((w: World) => Wanted), versions?: number[]) =>
  create(
    name,
    (world) => ({
      topics: [topicOf(typeof wanted === 'function' ? wanted(world) : wanted)],
      timeoutMs: 10_000,
      validateOnly: true,
    }),
    versions,
  )

function topicOf({ assignments = [], configs = {}, ...rest }: Wanted) {
  return {
    name: 'bad-request',
    numPartitions: assignments.length > 0 ? -1 : 1,
    replicationFactor: assignments.length > 0 ? -1 : 1,
    ...rest,
    assignments: assignments.map(([partitionIndex, ...brokerIds]) => ({
      partitionIndex,
      brokerIds,
    })),
    configs: Object.entries(configs).map(([name, value]) => ({ name, value })),
  }
}

const badNames = ['', '.', '..', 'a b', 'a/b', 'ä', 'x'.repeat(250)]

const createRequests: readonly BadRequest[] = [
  ...creating('a good topic', {}, [2, 3, 4, 5, 6, 7]),
  ...badNames.flatMap((name) => creating(`the name '${name.slice(0, 10)}'`, { name })),
  ...creating('the longest name', { name: 'x'.repeat(249) }),
  ...creating('a name of Kafka itself', { name: '__cluster_metadata' }),
  ...creating('the name of the offsets topic', { name: '__consumer_offsets' }),
  ...creating('a name that collides', (w) => ({ name: w.topic.replaceAll('.', '_') })),
  ...creating('a topic that exists', (w) => ({ name: w.topic }), [2, 5, 7]),
  ...creating('0 partitions', { numPartitions: 0 }),
  ...creating('-1 partitions', { numPartitions: -1 }),
  ...creating('-1 partitions', { numPartitions: -1 }, [3]),
  ...creating('-2 partitions', { numPartitions: -2 }),
  ...creating('0 replicas', { replicationFactor: 0 }),
  ...creating('-1 replicas', { replicationFactor: -1 }),
  ...creating('-2 replicas', { replicationFactor: -2 }),
  ...creating('2 replicas', { replicationFactor: 2 }),
  ...creating('an assignment', (w) => ({
    assignments: [
      [0, w.brokerId],
      [1, w.brokerId],
    ],
  })),
  ...creating('an assignment and a count', (w) => ({
    numPartitions: 1,
    assignments: [[0, w.brokerId]],
  })),
  ...creating('an assignment and replicas', (w) => ({
    replicationFactor: 1,
    assignments: [[0, w.brokerId]],
  })),
  ...creating('an assignment with a gap', (w) => ({
    assignments: [
      [0, w.brokerId],
      [2, w.brokerId],
    ],
  })),
  ...creating('an assignment from 1 on', (w) => ({ assignments: [[1, w.brokerId]] })),
  ...creating('an assignment to no broker', { assignments: [[0]] }),
  ...creating('an assignment to an unknown broker', { assignments: [[0, 99]] }),
  ...creating('an assignment to one broker twice', (w) => ({
    assignments: [[0, w.brokerId, w.brokerId]],
  })),
  ...creating('an assignment of one partition twice', (w) => ({
    assignments: [
      [0, w.brokerId],
      [0, w.brokerId],
    ],
  })),
  ...creating('an unknown key', { configs: { 'no.such.key': '1' } }),
  ...creating('a value of the wrong type', { configs: { 'retention.ms': 'never' } }),
  ...creating('a value out of range', { configs: { 'segment.bytes': '1' } }),
  ...creating('a value that is no choice', { configs: { 'compression.type': 'rar' } }),
  ...creating('a value that is null', { configs: { 'retention.ms': null } }),
  ...creating('an empty list', { configs: { 'cleanup.policy': '' } }),
  ...creating('keys that exclude each other', {
    configs: { 'local.retention.ms': '100', 'retention.ms': '10' },
  }),
  ...create('the same name twice', () => ({
    topics: [topicOf({}), topicOf({ numPartitions: 2 })],
    timeoutMs: 10_000,
    validateOnly: true,
  })),
  ...create('no topics', () => ({ topics: [], timeoutMs: 1000, validateOnly: false })),
]

const grow = rowsOf(createPartitions, 3)
const growing = (
  name: string,
  count: number,
  {
    topic = (w: World) => w.topic,
    assignments = null as readonly (readonly number[])[] | null,
  } = {},
) =>
  grow(name, (w) => ({
    topics: [
      {
        name: topic(w),
        count,
        assignments: assignments?.map((brokerIds) => ({ brokerIds })) ?? null,
      },
    ],
    timeoutMs: 10_000,
    validateOnly: true,
  }))

const partitionRequests: readonly BadRequest[] = [
  ...growing('one more', 3),
  ...growing('as many as there are', 2),
  ...growing('fewer', 1),
  ...growing('none', 0),
  ...growing('-1', -1),
  ...growing('an unknown topic', 3, { topic: () => 'nowhere' }),
  ...growing('an empty name', 3, { topic: () => '' }),
  ...growing('an assignment of too few', 4, { assignments: [[1]] }),
  ...growing('an assignment of too many', 3, { assignments: [[1], [1]] }),
  ...growing('an empty assignment', 3, { assignments: [] }),
  ...growing('an assignment to no broker', 3, { assignments: [[]] }),
  ...growing('an assignment to an unknown broker', 3, { assignments: [[99]] }),
  ...growing('an assignment with other replicas', 3, { assignments: [[1, 2]] }),
  ...grow('the same topic twice', (w) => ({
    topics: [3, 4].map((count) => ({ name: w.topic, count, assignments: null })),
    timeoutMs: 10_000,
    validateOnly: true,
  })),
]

const remove = rowsOf(deleteTopics, 6)
const removing = (name: string | null, topicId = ZERO_UUID) => ({
  topics: [{ name, topicId }],
  timeoutMs: 10_000,
})

const deleteRequests: readonly BadRequest[] = [
  ...remove('an unknown name', () => ({ topicNames: ['nowhere'], timeoutMs: 1000 }), [1, 3, 4, 5]),
  ...remove('an unknown name', () => removing('nowhere')),
  ...remove('an unknown id', () => removing(null, unknownId)),
  ...remove('a name and an id', () => removing('nowhere', unknownId)),
  ...remove('neither name nor id', () => removing(null)),
  ...remove('an empty name', () => removing('')),
  ...remove('an impossible name', () => removing('a/b')),
  ...remove('the same name twice', () => ({
    topics: ['nowhere', 'nowhere'].map((name) => ({ name, topicId: ZERO_UUID })),
    timeoutMs: 1000,
  })),
  ...remove('no topics', () => ({ topics: [], timeoutMs: 1000 })),
]

const about = rowsOf(metadata, 13)
const metadataOf = (name: string | null, topicId = ZERO_UUID) => ({
  topics: [{ name, topicId }],
  allowAutoTopicCreation: false,
})
const named = [4, 8, 9, 10, 11, 12, 13]

const metadataRequests: readonly BadRequest[] = [
  ...about('a topic', (w) => metadataOf(w.topic), named),
  ...about('a topic by its id', (w) => metadataOf(null, w.topicId), [12, 13]),
  ...about('an unknown topic', () => metadataOf('nowhere'), named),
  ...about('an unknown id', () => metadataOf(null, unknownId), [12, 13]),
  ...about('an unknown id with a name', () => metadataOf('nowhere', unknownId), [12, 13]),
  ...about('a name and its id', (w) => metadataOf(w.topic, w.topicId), [10, 11, 12, 13]),
  ...about('neither name nor id', () => metadataOf(null), [10, 12]),
  ...badNames.slice(0, 6).flatMap((name) => about(`the name '${name}'`, () => metadataOf(name))),
  ...about('the same topic twice', (w) => ({
    topics: [w.topic, w.topic].map((name) => ({ name, topicId: ZERO_UUID })),
    allowAutoTopicCreation: false,
  })),
  ...about('no topics', () => ({ topics: [], allowAutoTopicCreation: false }), [4, 13]),
]

const pages = rowsOf(describeTopicPartitions, 0)
const page =
  (names: (w: World) => readonly string[], limit = 2000, cursor: [string, number] | null = null) =>
  (w: World) => ({
    topics: names(w).map((name) => ({ name })),
    responsePartitionLimit: limit,
    cursor: cursor && { topicName: cursor[0] || w.topic, partitionIndex: cursor[1] },
  })

const pageRequests: readonly BadRequest[] = [
  ...pages(
    'two topics',
    page((w) => [w.topic, w.compacted]),
  ),
  ...pages(
    'an unknown topic',
    page(() => ['nowhere']),
  ),
  ...pages(
    'an impossible name',
    page(() => ['a/b']),
  ),
  ...pages(
    'a limit of one partition',
    page((w) => [w.topic], 1),
  ),
  ...pages(
    'a limit of 0',
    page((w) => [w.topic], 0),
  ),
  ...pages(
    'a page that begins at partition 1',
    page((w) => [w.topic], 10, ['', 1]),
  ),
  ...pages(
    'a page that begins beyond the last',
    page((w) => [w.topic], 10, ['', 5]),
  ),
  ...pages(
    'a page that begins below 0',
    page((w) => [w.topic], 10, ['', -1]),
  ),
  ...pages(
    'a page of an unknown topic',
    page((w) => [w.topic], 10, ['nowhere', 0]),
  ),
]

const directories = rowsOf(describeLogDirs, 4)
const directoryRequests: readonly BadRequest[] = [
  ...directories(
    'an unknown topic',
    () => ({ topics: [{ topic: 'nowhere', partitions: [0] }] }),
    [1, 4],
  ),
  ...directories('an unknown partition', (w) => ({
    topics: [{ topic: w.topic, partitions: [9] }],
  })),
  ...directories(
    'an empty partition',
    (w) => ({ topics: [{ topic: w.topic, partitions: [1] }] }),
    [1, 2, 3, 4],
  ),
  ...directories('no topics', () => ({ topics: [] })),
]

export const topicRequests: readonly BadRequest[] = [
  ...createRequests,
  ...partitionRequests,
  ...deleteRequests,
  ...metadataRequests,
  ...pageRequests,
  ...directoryRequests,
]
