import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { offsetCommit } from '../../protocol/api/08-offset-commit.ts'
import { offsetFetch } from '../../protocol/api/09-offset-fetch.ts'
import { findCoordinator } from '../../protocol/api/10-find-coordinator.ts'
import { deleteTopics } from '../../protocol/api/20-delete-topics.ts'
import { consumerGroupHeartbeat } from '../../protocol/api/68-consumer-group-heartbeat.ts'
import { errorName } from '../../protocol/errors.ts'
import { ZERO_UUID } from '../../protocol/primitives.ts'
import { TestBroker } from '../broker-fixtures-for-test.ts'
import { committedOffsets } from './offsets-fixtures-for-test.ts'

const UNKNOWN_ID = 'AAAAAAAAAAAAAAAAAAAAZQ'
/** Versions that ask for one group, for several by topic names, and by topic ids. */
const SINGLE = [1, 2, 3, 4, 5, 6, 7]
const NAMED = [8, 9]
const BY_ID = 10

let b: TestBroker
let topicId: string
let memberEpoch: number
before(async () => {
  b = await TestBroker.start()
  topicId = await b.createTopic('t', { partitions: 3 })
  await b.createTopic('u')
  await b.ask(findCoordinator, { keyType: 0, coordinatorKeys: ['any'] })
  await commit('g', { t: { 0: 5, 2: 6 }, u: { 0: 7 } })
  const joined = await b.ask(consumerGroupHeartbeat, {
    groupId: 'consumer',
    memberId: 'm',
    memberEpoch: 0,
    rebalanceTimeoutMs: 30_000,
    subscribedTopicNames: ['t'],
    topicPartitions: [],
  })
  memberEpoch = joined.memberEpoch
})
after(() => b.stop())

async function commit(
  groupId: string,
  offsets: Readonly<Record<string, Readonly<Record<number, number>>>>,
): Promise<void> {
  const topics = Object.entries(offsets).map(([name, partitions]) => ({
    name,
    partitions: Object.entries(partitions).map(([partition, committedOffset]) => ({
      partitionIndex: Number(partition),
      committedOffset,
      committedLeaderEpoch: 3,
      committedMetadata: 'note',
    })),
  }))
  await b.ask(offsetCommit, { groupId, memberId: '', topics }, 9)
}

/** The entry of a partition: what is committed, or the error. */
const entry = (partitionIndex: number, committedOffset: number, error?: string) =>
  error === undefined
    ? [partitionIndex, committedOffset, committedOffset < 0 ? '' : 'note']
    : [partitionIndex, error]

interface AnsweredTopic {
  readonly name?: string
  readonly topicId?: string
  readonly partitions: readonly {
    readonly partitionIndex: number
    readonly committedOffset: number
    readonly committedLeaderEpoch: number
    readonly metadata: string | null
    readonly errorCode: number
  }[]
}

/** Topics with their entries; epochs are checked on the way. */
function told(topics: readonly AnsweredTopic[], version: number) {
  return topics.map(({ name, topicId: id, partitions }) => ({
    topic: version >= BY_ID ? id : name,
    entries: partitions.map((one) => {
      const { partitionIndex, committedOffset, metadata, errorCode } = one
      const knowsEpoch = version >= 5 && committedOffset >= 0
      assert.equal(one.committedLeaderEpoch, knowsEpoch ? 3 : -1)
      return errorCode === 0
        ? [partitionIndex, committedOffset, metadata]
        : [partitionIndex, errorName(errorCode)]
    }),
  }))
}

const asked = [
  { name: 't', partitionIndexes: [0, 1, 9] },
  { name: 'nil', partitionIndexes: [0] },
]
const answered = [
  { topic: 't', entries: [entry(0, 5), entry(1, -1), entry(9, -1)] },
  { topic: 'nil', entries: [entry(0, -1)] },
]
const everything = [
  { topic: 't', entries: [entry(0, 5), entry(2, 6)] },
  { topic: 'u', entries: [entry(0, 7)] },
]
const nothing = answered.map(({ topic, entries }) => ({
  topic,
  entries: entries.map(([index]) => entry(Number(index), -1)),
}))

for (const version of SINGLE) {
  test(`version ${version} tells of one group; -1 stands for no offset`, async () => {
    const ask = (groupId: string, topics: typeof asked | null) =>
      b.ask(offsetFetch, { groupId, topics }, version)
    const some = await ask('g', asked)
    assert.deepEqual([some.errorCode, told(some.topics, version)], [0, answered])
    const unknown = await ask('unknown', asked)
    assert.deepEqual([unknown.errorCode, told(unknown.topics, version)], [0, nothing])
    if (version === 1) return
    assert.deepEqual(told((await ask('g', null)).topics, version), everything)
    assert.deepEqual((await ask('unknown', null)).topics, [])
  })
}

for (const version of NAMED) {
  test(`version ${version} tells of several groups, each for itself`, async () => {
    const { groups } = await b.ask(
      offsetFetch,
      {
        groups: [
          { groupId: 'g', topics: asked },
          { groupId: 'unknown', topics: asked },
          { groupId: 'g', topics: null },
          { groupId: 'unknown', topics: null },
          { groupId: 'g', topics: [] },
        ],
      },
      version,
    )
    assert.deepEqual(
      groups.map(({ groupId, errorCode, topics }) => [groupId, errorCode, told(topics, version)]),
      [
        ['g', 0, answered],
        ['unknown', 0, nothing],
        ['g', 0, everything],
        ['unknown', 0, []],
        ['g', 0, []],
      ],
    )
  })
}

test('ids that no topic has are UNKNOWN_TOPIC_ID, behind the others', async () => {
  const topics = [
    { topicId: UNKNOWN_ID, partitionIndexes: [0, 1] },
    { topicId: ZERO_UUID, partitionIndexes: [0] },
    { topicId, partitionIndexes: [2, 1] },
  ]
  const { groups } = await b.ask(offsetFetch, { groups: [{ groupId: 'g', topics }] }, BY_ID)
  const unknown = (...indexes: number[]) => indexes.map((one) => [one, 'UNKNOWN_TOPIC_ID'])
  assert.deepEqual(told(groups[0]!.topics, BY_ID), [
    { topic: topicId, entries: [entry(2, 6), entry(1, -1)] },
    { topic: UNKNOWN_ID, entries: unknown(0, 1) },
    { topic: ZERO_UUID, entries: unknown(0) },
  ])
})

test('all offsets by topic ids', async () => {
  const { groups } = await b.ask(offsetFetch, { groups: [{ groupId: 'g', topics: null }] }, BY_ID)
  const [first] = told(groups[0]!.topics, BY_ID)
  assert.deepEqual(first, { topic: topicId, entries: [entry(0, 5), entry(2, 6)] })
})

test('a member of a consumer group that is not who it says fails its group only', async () => {
  const of = (memberId: string | null, epoch: number) => ({
    groupId: 'consumer',
    memberId,
    memberEpoch: epoch,
    topics: asked,
  })
  const { groups } = await b.ask(
    offsetFetch,
    {
      groups: [
        of('m', memberEpoch),
        of('m', memberEpoch + 1),
        of('other', memberEpoch),
        of(null, -1),
        { groupId: 'g', topics: null },
      ],
    },
    9,
  )
  assert.deepEqual(
    groups.map(({ errorCode, topics }) => [errorName(errorCode), topics.length]),
    [
      ['NONE', 2],
      ['STALE_MEMBER_EPOCH', 0],
      ['UNKNOWN_MEMBER_ID', 0],
      ['NONE', 2],
      ['NONE', 2],
    ],
  )
})

test('offsets of a topic go with it, and the topic of that name made anew has none', async () => {
  await b.createTopic('gone')
  await commit('owner', { gone: { 0: 5 }, t: { 0: 1 } })
  await b.ask(deleteTopics, { topics: [{ name: 'gone', topicId: ZERO_UUID }], timeoutMs: 1_000 })
  assert.deepEqual(await committedOffsets(b, 'owner'), { 't-0': 1 })
  await b.createTopic('gone')
  assert.deepEqual(await committedOffsets(b, 'owner'), { 't-0': 1 })
})

test('offsets outlive a stop, a kill and a power cut', async () => {
  for (const end of ['stop', 'kill', 'crash'] as const) {
    const own = await TestBroker.start({ config: { 'log.flush.interval.messages': '1' } })
    await own.createTopic('t')
    await own.ask(findCoordinator, { keyType: 0, coordinatorKeys: ['any'] })
    const partitions = [{ partitionIndex: 0, committedOffset: 5, committedMetadata: null }]
    const topics = [{ name: 't', partitions }]
    await own.ask(offsetCommit, { groupId: 'g', memberId: '', topics }, 9)
    await own[end]()
    await own.start()
    assert.deepEqual(await committedOffsets(own, 'g'), { 't-0': 5 }, end)
    await own.stop()
  }
})
