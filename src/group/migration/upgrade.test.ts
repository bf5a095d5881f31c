import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BrokerConfig } from '../../config/broker.ts'
import { consumerProtocolAssignment } from '../../protocol/internal/consumer-protocol.ts'
import { encodeVersioned } from '../../protocol/stored.ts'
import { topicId } from '../consumer/coordinator-for-test.ts'
import { assignment, subscription } from './clients-for-test.ts'
import { type JoinFields, Scene } from './scene-for-test.ts'

const books = topicId('books')
const all = ['books:0', 'books:1', 'books:2', 'books:3']

test('a classic group becomes a consumer group, on record in the order that Kafka keeps', () => {
  const scene = new Scene()
  const a = scene.foundClassic(assignment(['books:0', 'books:1']))
  const before = scene.shard.log.length
  const { memberEpoch, error } = scene.beat('b')
  assert.equal(error, 'NONE')
  assert.equal(memberEpoch, 2)
  assert.deepEqual(scene.kinds(before), [
    'classic-group ends',
    ...['consumer-member', 'consumer-group', 'consumer-target-member', 'consumer-target'],
    'consumer-current',
    ...['consumer-member', 'consumer-group', 'consumer-target-member', 'consumer-target'],
    'consumer-current',
  ])
  const [, member, group, target, epoch, current] = scene.records(before)
  assert.deepEqual(member?.key, { groupId: 'orders', memberId: a })
  assert.deepEqual(member?.value, {
    instanceId: null,
    rackId: null,
    clientId: 'client',
    clientHost: '/127.0.0.1',
    subscribedTopicNames: ['books'],
    subscribedTopicRegex: '',
    rebalanceTimeoutMs: 30_000,
    serverAssignor: null,
    classicMemberMetadata: {
      sessionTimeoutMs: 10_000,
      supportedProtocols: [{ name: 'range', metadata: new Uint8Array(subscription(['books'])) }],
    },
  })
  assert.equal(group?.type === 'consumer-group' && group.value?.epoch, 1)
  const held = { topicId: books, partitions: [0, 1] }
  assert.deepEqual(target?.value, { topicPartitions: [held] })
  assert.deepEqual(epoch?.value, { assignmentEpoch: 1, assignmentTimestamp: 0 })
  assert.deepEqual(current?.value, {
    memberEpoch: 1,
    previousMemberEpoch: 1,
    state: 0,
    assignedPartitions: [{ ...held, assignmentEpochs: [1, 1] }],
    partitionsPendingRevocation: [],
  })
})

test('the newcomer is given what is free, and the rest when the others have given it up', () => {
  const scene = new Scene()
  const a = scene.foundClassic(assignment(all))
  assert.deepEqual(scene.beat('b').assignment, { topicPartitions: [] })
  assert.equal(scene.heartbeat(a, 1), 'REBALANCE_IN_PROGRESS')
  assert.equal(scene.join({ memberId: a }).generationId, 2)
  const { assignment: given } = scene.beat('b', { memberEpoch: 2 })
  assert.deepEqual(given, { topicPartitions: [{ topicId: books, partitions: [2, 3] }] })
  assert.deepEqual(scene.given(a, 2), ['books:0', 'books:1'])
})

test('who waits in the classic group is sent to join again', () => {
  const scene = new Scene({ 'group.initial.rebalance.delay.ms': 3000 })
  assert.equal(scene.join({ version: 3 }).error, 'REQUEST_TIMED_OUT')
  scene.beat('b')
  assert.deepEqual(scene.shard.answer('join-group', 1)?.errorCode, 27)
  assert.equal(scene.consumer?.classicCount, 1)
  scene.shard.advance(3000)
  assert.equal(scene.consumer?.members.size, 2, 'the end of the delay means nothing any more')
})

test('a member that is silent after the upgrade is removed after its classic session timeout', () => {
  const scene = new Scene()
  scene.foundClassic(assignment(all))
  scene.beat('b')
  scene.shard.advance(9_999)
  assert.equal(scene.consumer?.members.size, 2)
  scene.shard.advance(1)
  assert.deepEqual([...scene.consumer!.members.keys()], ['b'])
})

test('static members keep their instance ids, and racks are taken over', () => {
  const scene = new Scene()
  const a = scene.foundClassic(assignment(all), { groupInstanceId: 'i', version: 5 })
  scene.beat('b')
  assert.equal(scene.consumer?.staticMembers.get('i'), a)
  assert.equal(scene.heartbeat(a, 1, 'i'), 'REBALANCE_IN_PROGRESS')
})

test('what a member was told to give up, and may not have, is not given to others yet', () => {
  const scene = new Scene()
  const a = scene.foundClassic(assignment(['books:0']), { owned: all })
  scene.beat('b')
  assert.equal(scene.consumer?.members.get(a)?.state, 'unrevoked-partitions')
  assert.equal(scene.consumer?.members.get('b')?.assigned.size, 0)
  assert.equal(scene.heartbeat(a, 1), 'REBALANCE_IN_PROGRESS')
  scene.join({ memberId: a, owned: ['books:0'] })
  const { assignment: given } = scene.beat('b', { memberEpoch: 2 })
  assert.equal(given?.topicPartitions[0]?.partitions.length, 2)
})

test('offsets stay where they are', () => {
  const scene = new Scene()
  const a = scene.foundClassic(assignment(all))
  scene.shard.commit('orders', 'books', { 0: 7 }, { memberId: a, generation: 1 })
  scene.beat('b')
  assert.deepEqual(scene.shard.offsetsOf('orders'), { 'books-0': 7 })
  assert.deepEqual(
    scene.shard.commit('orders', 'books', { 0: 8 }, { memberId: a, generation: 1 }),
    [0],
  )
})

const ownWords = encodeVersioned(consumerProtocolAssignment, 0, {
  assignedPartitions: [],
  userData: Buffer.from('mine'),
})

interface Refused {
  readonly why: string
  readonly settings?: Partial<BrokerConfig>
  readonly member?: JoinFields
  readonly given?: Uint8Array
  readonly memberEpoch?: number
}

const policy = (name: string) => {
  // The setting takes names in any case.
  const value = name as BrokerConfig['group.consumer.migration.policy']
  return { 'group.consumer.migration.policy': value }
}

const refused: readonly Refused[] = [
  { why: 'migration is off', settings: policy('disabled') },
  { why: 'only downgrades are allowed', settings: policy('Downgrade') },
  { why: 'its members are no consumers', member: { protocolType: 'connect' } },
  { why: 'it is too large', settings: { 'group.consumer.max.size': 0 } },
  {
    why: 'its members’ words cannot be read',
    member: { protocols: [{ name: 'range', metadata: Buffer.of(0) }] },
  },
  { why: 'its assignor says more than partitions', given: ownWords },
  { why: 'the newcomer does not join', memberEpoch: 3 },
  { why: 'a member leaves that it does not have', memberEpoch: -1 },
]

for (const { why, settings, member, given = assignment(all), memberEpoch = 0 } of refused)
  test(`a classic group stays what it is when ${why}`, () => {
    const scene = new Scene(settings)
    scene.foundClassic(given, member)
    const before = scene.shard.log.length
    assert.equal(scene.beat('b', { memberEpoch }).error, 'GROUP_ID_NOT_FOUND')
    assert.equal(scene.classic?.phase, 'stable')
    assert.equal(scene.shard.log.length, before)
  })

test('a classic group stays what it is when its leader gave a partition to two members', () => {
  const scene = new Scene()
  const a = scene.foundClassic(assignment(all), { groupInstanceId: 'i' })
  scene.join({ groupInstanceId: 'j' })
  const { generationId = -1 } = scene.join({ memberId: a, groupInstanceId: 'i' })
  const b = scene.classic!.staticMembers.get('j')!
  const assignments = [a, b].map((memberId) => ({ memberId, assignment: assignment(all) }))
  scene.sync(a, generationId, { groupInstanceId: 'i', assignments })
  assert.equal(scene.classic?.phase, 'stable')
  assert.equal(scene.beat('c').error, 'GROUP_ID_NOT_FOUND')
})

test('partitions that a leader made up are nobody’s', () => {
  const scene = new Scene()
  const a = scene.foundClassic(assignment(['books:0', 'books:99', 'films:0']))
  scene.beat('b')
  const { assigned } = scene.consumer!.members.get(a)!
  assert.deepEqual([...assigned.get(books)!.keys()], [0])
  assert.equal(assigned.size, 1)
})

test('an empty classic group ends whatever the policy says', () => {
  const scene = new Scene(policy('disabled'))
  scene.leave([scene.foundClassic(assignment(all)), null])
  assert.equal(scene.beat('b').error, 'NONE')
  assert.equal(scene.consumer?.members.size, 1)
})
