/** Groups of a whole broker, through the ends it may come to. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { seededRandom } from '../kernel/seeded-random.ts'
import { offsetCommit } from '../protocol/api/08-offset-commit.ts'
import { offsetFetch } from '../protocol/api/09-offset-fetch.ts'
import { findCoordinator } from '../protocol/api/10-find-coordinator.ts'
import { joinGroup } from '../protocol/api/11-join-group.ts'
import { heartbeat } from '../protocol/api/12-heartbeat.ts'
import { syncGroup } from '../protocol/api/14-sync-group.ts'
import { listGroups } from '../protocol/api/16-list-groups.ts'
import { deleteTopics } from '../protocol/api/20-delete-topics.ts'
import { consumerGroupHeartbeat } from '../protocol/api/68-consumer-group-heartbeat.ts'
import { errorName } from '../protocol/errors.ts'
import { ZERO_UUID } from '../protocol/primitives.ts'
import { TestBroker, type TestBrokerOptions } from './broker-fixtures-for-test.ts'

/** The newest versions that name topics by name. */
const NAMED_COMMIT = 9
const NAMED_FETCH = 9

/** A broker with the topic `t` and the topic of offsets, in one partition of which all groups are. */
async function start({ config, ...options }: TestBrokerOptions = {}): Promise<TestBroker> {
  const usual = { 'offsets.topic.num.partitions': '1', 'group.initial.rebalance.delay.ms': '0' }
  const b = await TestBroker.start({ ...options, config: { ...usual, ...config } })
  await b.createTopic('t', { partitions: 3 })
  await b.ask(findCoordinator, { coordinatorKeys: ['any'] })
  return b
}

const commitOf = (groupId: string, committedOffset: number, partitionIndex = 0) => ({
  groupId,
  memberId: '',
  topics: [
    { name: 't', partitions: [{ partitionIndex, committedOffset, committedMetadata: 'm' }] },
  ],
})

async function commit(b: TestBroker, groupId: string, offset: number): Promise<string> {
  const { topics } = await b.ask(offsetCommit, commitOf(groupId, offset), NAMED_COMMIT)
  return errorName(topics[0]!.partitions[0]!.errorCode)
}

/** Committed offsets of the group, by partition of `t`; the name of the error. */
async function committed(b: TestBroker, groupId: string): Promise<number[] | string> {
  const topics = [{ name: 't', partitionIndexes: [0, 1, 2] }]
  const { groups } = await b.ask(offsetFetch, { groups: [{ groupId, topics }] }, NAMED_FETCH)
  const [group] = groups
  if (group!.errorCode !== 0) return errorName(group!.errorCode)
  return group!.topics[0]!.partitions.map(({ committedOffset }) => committedOffset)
}

const joining = {
  groupId: 'g',
  memberId: '',
  sessionTimeoutMs: 30_000,
  rebalanceTimeoutMs: 60_000,
  protocolType: 'consumer',
  protocols: [{ name: 'range', metadata: Buffer.from([0, 0]) }],
}

/** Makes a classic group of one member. */
async function join(b: TestBroker) {
  const { memberId } = await b.ask(joinGroup, joining, 3)
  const member = { groupId: 'g', memberId, generationId: 1 }
  const assignments = [{ memberId, assignment: Buffer.from([1, 2, 3]) }]
  await b.ask(syncGroup, {
    ...member,
    assignments,
    protocolType: 'consumer',
    protocolName: 'range',
  })
  return member
}

async function beat(b: TestBroker, member: Awaited<ReturnType<typeof join>>): Promise<string> {
  return errorName((await b.ask(heartbeat, member)).errorCode)
}

for (const end of ['stop', 'kill'] as const) {
  test(`after a ${end} and a new start groups and offsets are as they were`, async () => {
    const b = await start()
    const member = await join(b)
    assert.equal(await commit(b, 'simple', 7), 'NONE')
    const first = { groupId: 'new', memberId: 'm', memberEpoch: 0, rebalanceTimeoutMs: 9_000 }
    const subscribed = { subscribedTopicNames: ['t'], topicPartitions: [] }
    const assigned = await b.ask(consumerGroupHeartbeat, { ...first, ...subscribed })
    await b[end]()
    await b.start()
    assert.equal(await beat(b, member), 'NONE')
    assert.deepEqual(await committed(b, 'simple'), [7, -1, -1])
    const { memberEpoch } = assigned
    const next = { groupId: 'new', memberId: 'm', memberEpoch }
    const { errorCode } = await b.ask(consumerGroupHeartbeat, next)
    assert.equal(errorName(errorCode), 'NONE')
    const { groups } = await b.ask(listGroups, {})
    const listed = groups.map(({ groupId, groupType }) => `${groupId} ${groupType}`).sort()
    assert.deepEqual(listed, ['g classic', 'new consumer', 'simple classic'])
  })
}

test('a member that is silent after a new start is removed when its session is over', async () => {
  const b = await start()
  const member = await join(b)
  await b.kill()
  await b.start()
  await b.advance(29_000)
  assert.equal(await beat(b, member), 'NONE')
  await b.advance(31_000)
  assert.equal(await beat(b, member), 'UNKNOWN_MEMBER_ID')
})

/** What may end a broker, and what the topic of offsets promises about it. */
const ends = [
  { name: 'kill', config: {} },
  { name: 'crash', config: { 'log.flush.interval.messages': '1' } },
] as const
for (const { name, config } of ends) {
  test(`after a ${name} at any moment no offset is behind what was acknowledged`, async (t) => {
    const first = Number(process.env.SEED ?? 1)
    t.diagnostic(`seeds from ${first}`)
    for (let seed = first; seed < first + 5; seed++) {
      const b = await start({ seed, config })
      const random = seededRandom(seed)
      const known = [-1, -1, -1]
      let acknowledged = 0
      for (let life = 0, offset = 0; life < 4; life++) {
        const connections = await Promise.all([b.connect(), b.connect(), b.connect()])
        for (let step = 5 + random.below(40); step > 0; step--) {
          const partition = random.below(3)
          const value = ++offset
          const answer = connections[partition]!.send(
            offsetCommit,
            NAMED_COMMIT,
            commitOf('g', value, partition),
          )
          const isCommitted = ({ topics }: Awaited<typeof answer>) => {
            if (topics[0]!.partitions[0]!.errorCode !== 0) return
            known[partition] = value
            acknowledged += 1
          }
          answer.then(isCommitted, () => {})
          if (random.below(4) === 0) await b.advance(random.below(8))
        }
        await b[name]()
        await b.start()
        const found = await committed(b, 'g')
        assert.ok(Array.isArray(found), `seed ${seed}: ${found}`)
        for (const [partition, value] of known.entries()) {
          const is = found[partition]!
          assert.ok(is >= value, `seed ${seed} life ${life}: ${is}, acknowledged ${value}`)
        }
      }
      assert.ok(acknowledged > 0, `seed ${seed}: nothing was acknowledged`)
    }
  })
}

test('while its partition is loaded a group is COORDINATOR_LOAD_IN_PROGRESS, and its members live', async () => {
  const b = await start()
  const member = await join(b)
  await b.stop()
  const file = /__consumer_offsets-0.*\.log$/
  b.host.disk.faults.add({ operation: 'read', path: file, delayMs: 3_000 })
  await b.start()
  assert.equal(await committed(b, 'g'), 'COORDINATOR_LOAD_IN_PROGRESS')
  assert.equal(await commit(b, 'g', 1), 'COORDINATOR_LOAD_IN_PROGRESS')
  assert.equal(await beat(b, member), 'NONE')
  const listed = await b.ask(listGroups, {})
  assert.equal(errorName(listed.errorCode), 'COORDINATOR_LOAD_IN_PROGRESS')
  await b.advance(4_000)
  assert.deepEqual(await committed(b, 'g'), [-1, -1, -1])
})

test('a stop sends members that wait for a rebalance elsewhere, at once', async () => {
  const b = await start({ config: { 'group.initial.rebalance.delay.ms': '3000' } })
  const connection = await b.connect()
  const joined = connection.send(joinGroup, 3, joining)
  await b.advance(100)
  const startMs = b.simulation.elapsedMs
  await b.stop()
  assert.equal(errorName((await b.simulation.until(joined)).errorCode), 'NOT_COORDINATOR')
  assert.ok(b.simulation.elapsedMs - startMs < 1_000)
})

test('offsets go with their topic', async () => {
  const b = await start()
  await commit(b, 'g', 5)
  await b.ask(deleteTopics, { topics: [{ name: 't', topicId: ZERO_UUID }], timeoutMs: 1_000 })
  await b.createTopic('t', { partitions: 3 })
  assert.deepEqual(await committed(b, 'g'), [-1, -1, -1])
})

test('a disk that fails under the offsets is NOT_COORDINATOR, and a new start serves them again', async () => {
  const b = await start({ config: { 'log.dirs': '/data,/more' } })
  await commit(b, 'g', 5)
  b.host.disk.faults.add({ operation: 'write', path: /__consumer_offsets-0.*\.log$/, code: 'EIO' })
  assert.equal(await commit(b, 'g', 6), 'NOT_COORDINATOR')
  assert.equal(await committed(b, 'g'), 'NOT_COORDINATOR')
  await b.kill()
  await b.start()
  assert.deepEqual(await committed(b, 'g'), [5, -1, -1])
})

/** A log directory that a real Kafka has written, outside of the repository. */
const KAFKAS = new URL('../../../shared/reference/kafka/fixtures/log-dir/', import.meta.url)
const skip = !existsSync(KAFKAS) && 'no ../shared/reference/kafka/fixtures'

test('groups and offsets that Kafka has written are served', { skip }, async () => {
  const b = await TestBroker.start()
  await b.stop()
  for (const partition of ['__consumer_offsets-0', 'many-0', 'many-1', 'many-2', 'plain-0']) {
    b.host.disk.makeDirectory(`/data/${partition}`)
    const directory = new URL(`${partition}/`, KAFKAS)
    for (const name of readdirSync(directory)) {
      const bytes = readFileSync(new URL(name, directory))
      b.host.disk.replaceFile(`/data/${partition}/${name}`, bytes)
    }
  }
  b.forgetMetadata()
  await b.start()
  const { groups } = await b.ask(listGroups, {})
  const listed = groups.map(({ groupId, groupState, groupType }) => {
    return `${groupId} ${groupType} ${groupState}`
  })
  assert.deepEqual(listed.sort(), [
    'lab-classic classic Empty',
    'lab-consumer consumer Empty',
    'lab-eos classic Empty',
    'lab-kcat classic Empty',
    'lab-static classic Empty',
    'lab-streams-classic classic Empty',
    'lab-streams-streams classic Empty', // only its offsets are of a kind that is known
    'metrics-classic classic Empty',
    'metrics-consumer consumer Empty',
    'metrics-streams classic Stable',
    'rc classic Empty',
  ])
  const offsetsOf = async (groupId: string, name: string, partitionIndexes: number[]) => {
    const asked = [{ groupId, topics: [{ name, partitionIndexes }] }]
    const answer = await b.ask(offsetFetch, { groups: asked, requireStable: true }, NAMED_FETCH)
    return answer.groups[0]!.topics[0]!.partitions.map(({ committedOffset }) => committedOffset)
  }
  // Committed by its members, then one altered and one deleted by an administrator.
  assert.deepEqual(await offsetsOf('lab-classic', 'many', [0, 1, 2]), [1, -1, 108])
  assert.deepEqual(await offsetsOf('lab-consumer', 'many', [0, 1]), [98, 95])
  assert.deepEqual(await offsetsOf('lab-consumer', 'plain', [0]), [60])
  assert.deepEqual(await offsetsOf('lab-eos', 'plain', [0]), [7], 'its transaction is committed')
})
