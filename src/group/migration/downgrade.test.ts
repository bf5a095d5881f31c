import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isReconciled } from '../consumer/group.ts'
import { assigned, assignment, subscription } from './clients-for-test.ts'
import { Scene } from './scene-for-test.ts'

const all = ['books:0', 'books:1', 'books:2', 'books:3']

/** A classic member `a` and a member `b` of the consumer protocol, with two partitions each. */
function mixed(settings = {}, instanceId: string | null = null): { scene: Scene; a: string } {
  const scene = new Scene(settings)
  const a = scene.foundClassic(assignment(all))
  scene.beat('b', { instanceId })
  scene.heartbeat(a, 1)
  scene.join({ memberId: a })
  scene.sync(a, 2)
  scene.beat('b', { memberEpoch: 2, instanceId })
  assert.ok([...scene.consumer!.members.values()].every((member) => isReconciled(member, 2)))
  scene.letAssign()
  return { scene, a }
}

test('the group is a classic one again when its last member of the consumer protocol leaves', () => {
  const { scene, a } = mixed()
  const before = scene.shard.log.length
  assert.equal(scene.beat('b', { memberEpoch: -1 }).error, 'NONE')
  assert.deepEqual(scene.kinds(before), [
    ...['consumer-current ends', 'consumer-current ends'],
    ...['consumer-target-member ends', 'consumer-target-member ends', 'consumer-target ends'],
    ...['consumer-member ends', 'consumer-member ends'],
    ...['consumer-partition-metadata ends', 'consumer-group ends', 'classic-group'],
  ])
  const { classic } = scene
  assert.equal(classic?.phase, 'preparing-rebalance')
  assert.equal(classic.generation, 2)
  assert.equal(classic.protocolType, 'consumer')
  assert.equal(classic.protocolName, 'range')
  assert.equal(classic.leaderId, a)
  assert.deepEqual([...(classic.subscribedTopics ?? [])], ['books'])
  const { sessionTimeoutMs, rebalanceTimeoutMs, assignment: own } = classic.members.get(a)!
  assert.deepEqual(
    { sessionTimeoutMs, rebalanceTimeoutMs },
    {
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 30_000,
    },
  )
  assert.deepEqual([...assigned(own)], ['books:0', 'books:1'])
})

test('its members go on where they are, and hear of the rebalance by their next heartbeat', () => {
  const { scene, a } = mixed()
  scene.beat('b', { memberEpoch: -1 })
  assert.equal(scene.heartbeat(a, 2), 'REBALANCE_IN_PROGRESS')
  const { generationId, leader } = scene.join({ memberId: a })
  assert.deepEqual({ generationId, leader }, { generationId: 3, leader: a })
})

test('a member of the consumer protocol that falls silent downgrades the group, too', () => {
  const { scene, a } = mixed({ 'group.consumer.session.timeout.ms': 45_000 })
  for (let i = 0; i < 9; i++) {
    scene.shard.advance(5_000)
    scene.heartbeat(a, 2)
  }
  assert.equal(scene.classic?.members.size, 1)
})

test('a member that the session timer of the consumer group had in sight is timed by the classic one', () => {
  const { scene, a } = mixed()
  scene.beat('b', { memberEpoch: -1 })
  scene.join({ memberId: a })
  scene.sync(a, 3)
  scene.shard.advance(9_999)
  assert.equal(scene.classic?.members.size, 1)
  scene.shard.advance(1)
  assert.equal(scene.classic?.members.size, 0)
})

test('a classic member that leaves takes no member of the consumer protocol with it', () => {
  const { scene, a } = mixed()
  assert.deepEqual(scene.leave([a, null]), ['NONE'])
  assert.deepEqual([...scene.consumer!.members.keys()], ['b'])
})

// [why, broker settings]
const staying = [
  ['migration is off', { 'group.consumer.migration.policy': 'disabled' }],
  ['only upgrades are allowed', { 'group.consumer.migration.policy': 'upgrade' }],
  ['a classic group may not be so large', { 'group.max.size': 0 }],
] as const

for (const [why, settings] of staying)
  test(`a group that only classic members are left in stays a consumer group when ${why}`, () => {
    const { scene, a } = mixed()
    Object.assign(scene.shard.settings, settings)
    scene.beat('b', { memberEpoch: -1 })
    assert.deepEqual([...(scene.consumer?.members.keys() ?? [])], [a])
    assert.equal(scene.consumer?.epoch, 3)
  })

test('a static member that comes back as a classic one downgrades the group without a rebalance', () => {
  const { scene, a } = mixed({}, 'i')
  const before = scene.shard.log.length
  const joined = scene.join({ groupInstanceId: 'i' })
  assert.equal(joined.error, 'NONE')
  assert.equal(joined.generationId, 2)
  assert.equal(joined.leader, '')
  const { memberId = '' } = joined
  assert.equal(scene.kinds(before).at(-1), 'classic-group')
  assert.equal(scene.classic?.phase, 'stable')
  assert.equal(scene.classic.generation, 2)
  assert.equal(scene.classic.staticMembers.get('i'), memberId)
  assert.equal(scene.heartbeat(a, 2), 'NONE')
  const { assignment: given = new Uint8Array() } = scene.sync(memberId, 2, { groupInstanceId: 'i' })
  assert.deepEqual([...assigned(given)], ['books:2', 'books:3'])
  assert.equal(scene.heartbeat('b', 2, 'i'), 'FENCED_INSTANCE_ID')
})

test('it rebalances when that member now wants something else, or others are on their way', () => {
  const first = mixed({}, 'i').scene
  first.shard.changeTopic('films', 1)
  first.join({ groupInstanceId: 'i', topics: ['films'] })
  assert.equal(first.classic?.phase, 'preparing-rebalance')
  const second = mixed({}, 'i').scene
  second.shard.changeTopic('books', 8)
  second.beat('b', { memberEpoch: 2, instanceId: 'i', topicPartitions: [] })
  second.join({ groupInstanceId: 'i' })
  assert.equal(second.classic?.phase, 'preparing-rebalance')
})

test('words that cannot be read do not keep a group from going back', () => {
  const scene = new Scene()
  scene.beat('b')
  const metadata = subscription(['books'])
  const odd = { name: 'odd', metadata: Buffer.of(1) }
  scene.join({ memberId: 'a', protocols: [{ name: 'range', metadata }, odd] })
  scene.join({ memberId: 'c', protocols: [{ name: 'odd', metadata }] })
  assert.equal(scene.consumer?.classicCount, 2)
  scene.beat('b', { memberEpoch: -1 })
  assert.equal(scene.classic?.protocolName, 'odd')
  assert.equal(scene.classic.subscribedTopics, undefined)
})

test('a coordinator that reads the log finds the classic group', () => {
  const { scene, a } = mixed()
  scene.shard.commit('orders', 'books', { 0: 7 }, { memberId: 'b', generation: 2 })
  scene.beat('b', { memberEpoch: -1 })
  const group = scene.shard.reloaded().group('orders')
  assert.equal(group?.type, 'classic')
  assert.deepEqual([...group.members.keys()], [a])
  assert.deepEqual(scene.shard.offsetsOf('orders'), { 'books-0': 7 })
})
