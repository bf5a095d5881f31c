import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { offsetCommit } from '../../protocol/api/08-offset-commit.ts'
import { findCoordinator } from '../../protocol/api/10-find-coordinator.ts'
import { joinGroup } from '../../protocol/api/11-join-group.ts'
import { syncGroup } from '../../protocol/api/14-sync-group.ts'
import { deleteTopics } from '../../protocol/api/20-delete-topics.ts'
import { deleteGroups } from '../../protocol/api/42-delete-groups.ts'
import { consumerGroupHeartbeat } from '../../protocol/api/68-consumer-group-heartbeat.ts'
import { type ErrorName, errorName } from '../../protocol/errors.ts'
import { ZERO_UUID } from '../../protocol/primitives.ts'
import type { RequestInput } from '../../protocol/schema.ts'
import { TestBroker } from '../broker-fixtures-for-test.ts'
import { committedOffsets } from './offsets-fixtures-for-test.ts'

const UNKNOWN_ID = 'AAAAAAAAAAAAAAAAAAAAZQ'
const VERSIONS = Array.from({ length: 9 }, (_, index) => index + 2)
/** The first version that names topics by id, and the one before. */
const BY_ID = 10
const BY_NAME = 9

let b: TestBroker
let topicId: string
before(async () => {
  b = await TestBroker.start({ config: { 'group.initial.rebalance.delay.ms': '0' } })
  topicId = await b.createTopic('t', { partitions: 3 })
  await b.ask(findCoordinator, { keyType: 0, coordinatorKeys: ['any'] })
})
after(() => b.stop())

interface Commit extends Partial<RequestInput<typeof offsetCommit>> {
  readonly groupId: string
}

/** A topic by its name or id, and the errors of its partitions. */
interface Told {
  readonly topic: string
  readonly [partition: number]: ErrorName
}

/** What is answered, in its order. */
async function commit(version: number, { topics, ...request }: Commit): Promise<readonly Told[]> {
  const asked = topics ?? [topic(version, 't', [0])]
  const answer = await b.ask(offsetCommit, { memberId: '', ...request, topics: asked }, version)
  return answer.topics.map(({ name, topicId: id, partitions }) => ({
    topic: version >= BY_ID ? id : name,
    ...Object.fromEntries(partitions.map((one) => [one.partitionIndex, errorName(one.errorCode)])),
  }))
}

function topic(version: number, name: string, indexes: readonly number[], committedOffset = 5) {
  const id = { t: topicId, '': ZERO_UUID }[name] ?? UNKNOWN_ID
  const partitions = indexes.map((partitionIndex) => ({
    partitionIndex,
    committedOffset,
    committedMetadata: null,
  }))
  return version >= BY_ID ? { topicId: id, partitions } : { name, partitions }
}

for (const version of VERSIONS) {
  test(`version ${version}: topics and partitions that are not there fail alone`, async () => {
    const groupId = `partly-${version}`
    const topics = [topic(version, 'nil', [0]), topic(version, 't', [0, 7, -1, 2])]
    const unknown = version >= BY_ID ? 'UNKNOWN_TOPIC_ID' : 'UNKNOWN_TOPIC_OR_PARTITION'
    const missing = 'UNKNOWN_TOPIC_OR_PARTITION'
    assert.deepEqual(await commit(version, { groupId, topics }), [
      { topic: version >= BY_ID ? UNKNOWN_ID : 'nil', 0: unknown },
      { topic: version >= BY_ID ? topicId : 't', 7: missing, '-1': missing, 0: 'NONE', 2: 'NONE' },
    ])
    assert.deepEqual(await committedOffsets(b, groupId), { 't-0': 5, 't-2': 5 })
  })
}

test('when nothing of what is asked exists, the group is not looked at', async () => {
  const stranger = { groupId: 'stranger', memberId: 'm', generationIdOrMemberEpoch: 7 }
  const topics = [topic(BY_NAME, 'nil', [0])]
  assert.deepEqual(await commit(BY_NAME, { ...stranger, topics }), [
    { topic: 'nil', 0: 'UNKNOWN_TOPIC_OR_PARTITION' },
  ])
  assert.deepEqual(await commit(BY_NAME, { ...stranger, topics: [] }), [])
})

test('the zero id is no topic', async () => {
  const topics = [topic(BY_ID, '', [0])]
  assert.deepEqual(await commit(BY_ID, { groupId: 'g', topics }), [
    { topic: ZERO_UUID, 0: 'UNKNOWN_TOPIC_ID' },
  ])
})

test('bare offsets may have the empty group id, as in Kafka', async () => {
  assert.deepEqual(await commit(BY_NAME, { groupId: '' }), [{ topic: 't', 0: 'NONE' }])
  assert.deepEqual(await committedOffsets(b, ''), { 't-0': 5 })
})

test('a refusal concerns all that is there, what is not there fails as ever', async () => {
  const groupId = 'refused'
  const member = await joinClassic(groupId)
  const topics = [topic(BY_NAME, 'nil', [0]), topic(BY_NAME, 't', [0, 9])]
  const rows: readonly (readonly [ErrorName, Partial<Commit>])[] = [
    ['UNKNOWN_MEMBER_ID', {}],
    ['UNKNOWN_MEMBER_ID', { memberId: 'other', generationIdOrMemberEpoch: 1 }],
    ['ILLEGAL_GENERATION', { memberId: member, generationIdOrMemberEpoch: 2 }],
    ['UNKNOWN_MEMBER_ID', { groupInstanceId: 'nobody' }],
  ]
  for (const [error, by] of rows) {
    assert.deepEqual(await commit(BY_NAME, { groupId, topics, ...by }), [
      { topic: 'nil', 0: 'UNKNOWN_TOPIC_OR_PARTITION' },
      { topic: 't', 9: 'UNKNOWN_TOPIC_OR_PARTITION', 0: error },
    ])
  }
  assert.deepEqual(await committedOffsets(b, groupId), {})
})

test('a classic member commits in every version', async () => {
  const memberId = await joinClassic('classic')
  for (const version of VERSIONS) {
    const topics = [topic(version, 't', [0], version)]
    const by = { groupId: 'classic', memberId, generationIdOrMemberEpoch: 1 }
    const [answered] = await commit(version, { ...by, topics })
    assert.equal(answered?.[0], 'NONE')
    assert.deepEqual(await committedOffsets(b, 'classic'), { 't-0': version })
  }
})

test('a member of a consumer group commits from version 9 on', async () => {
  const groupId = 'consumer'
  const heartbeat = await b.ask(consumerGroupHeartbeat, {
    groupId,
    memberId: 'm',
    memberEpoch: 0,
    rebalanceTimeoutMs: 30_000,
    subscribedTopicNames: ['t'],
    topicPartitions: [],
  })
  const by = { groupId, memberId: 'm', generationIdOrMemberEpoch: heartbeat.memberEpoch }
  const outcomes = await VERSIONS.reduce(
    async (told, version) => [...(await told), (await commit(version, by))[0]?.[0]],
    Promise.resolve<(string | undefined)[]>([]),
  )
  const expected = VERSIONS.map((version) => (version < 9 ? 'UNSUPPORTED_VERSION' : 'NONE'))
  assert.deepEqual(outcomes, expected)
  const late = { ...by, generationIdOrMemberEpoch: heartbeat.memberEpoch + 1 }
  assert.deepEqual(await commit(BY_NAME, late), [{ topic: 't', 0: 'STALE_MEMBER_EPOCH' }])
})

test('more offsets than a batch takes are refused as a whole, and others go on', async () => {
  const groupId = 'x'.repeat(32_000)
  const topics = Array.from({ length: 40 }, () => topic(BY_NAME, 't', [0]))
  const told = await commit(BY_NAME, { groupId, topics })
  assert.deepEqual(new Set(told.map((one) => one[0])), new Set(['UNKNOWN_SERVER_ERROR']))
  assert.deepEqual(await commit(BY_NAME, { groupId: 'after' }), [{ topic: 't', 0: 'NONE' }])
})

const ends = {
  'with its group': (groupId: string) => b.ask(deleteGroups, { groupsNames: [groupId] }),
  'with its topic': (_: string, name: string) => {
    return b.ask(deleteTopics, { topics: [{ name, topicId: ZERO_UUID }], timeoutMs: 1_000 })
  },
}
for (const [how, end] of Object.entries(ends)) {
  test(`more offsets than the tombstones of a batch go ${how}`, async () => {
    const [groupId, name] = [`${how} ${'x'.repeat(2_000)}`, `many-${how.replaceAll(' ', '-')}`]
    const indexes = Array.from({ length: 900 }, (_, index) => index)
    await b.createTopic(name, { partitions: indexes.length })
    for (let from = 0; from < indexes.length; from += 300) {
      await commit(BY_NAME, {
        groupId,
        topics: [topic(BY_NAME, name, indexes.slice(from, from + 300))],
      })
    }
    assert.equal(Object.keys(await committedOffsets(b, groupId)).length, indexes.length)
    await end(groupId, name)
    assert.deepEqual(await committedOffsets(b, groupId), {})
    await b.kill()
    await b.start()
    assert.deepEqual(await committedOffsets(b, groupId), {})
  })
}

test('ten thousand groups of one client have an offset each', async () => {
  const connection = await b.connect()
  const count = 10_000
  const sent = Array.from({ length: count }, (_, index) => {
    const topics = [topic(BY_NAME, 't', [0], index)]
    return connection.send(offsetCommit, BY_NAME, { groupId: `n-${index}`, memberId: '', topics })
  })
  const answers = await b.simulation.until(Promise.all(sent))
  assert(answers.every(({ topics }) => topics[0]?.partitions[0]?.errorCode === 0))
  for (const index of [0, 4_711, count - 1]) {
    assert.deepEqual(await committedOffsets(b, `n-${index}`), { 't-0': index })
  }
  connection.close()
})

/** One member, in generation 1. @returns its id. */
async function joinClassic(groupId: string): Promise<string> {
  const protocols = [{ name: 'range', metadata: Buffer.from([0, 0]) }]
  const timeouts = { sessionTimeoutMs: 30_000, rebalanceTimeoutMs: 30_000 }
  const whole = { groupId, memberId: '', protocolType: 'consumer', protocols, ...timeouts }
  const { memberId } = await b.ask(joinGroup, whole, 3)
  const assignments = [{ memberId, assignment: Buffer.from([]) }]
  await b.ask(syncGroup, { groupId, memberId, generationId: 1, assignments }, 3)
  return memberId
}
