import assert from 'node:assert/strict'
import { test } from 'node:test'
import { topicId } from '../consumer/coordinator-for-test.ts'
import { assignment, subscription } from './clients-for-test.ts'
import { type JoinFields, Scene } from './scene-for-test.ts'

const books = topicId('books')
const all = ['books:0', 'books:1', 'books:2', 'books:3']

/** A group of one member `b` of the consumer protocol, which has everything. */
function consumerGroup(settings = {}): Scene {
  const scene = new Scene(settings)
  scene.beat('b')
  scene.letAssign()
  return scene
}

/** … and a classic member `a` that is in epoch 3 with half of it. */
function withClassic(settings = {}): Scene {
  const scene = consumerGroup(settings)
  scene.join({ memberId: 'a' })
  scene.beat('b', { memberEpoch: 2 })
  scene.beat('b', { memberEpoch: 2, topicPartitions: [{ topicId: books, partitions: [0, 1] }] })
  scene.join({ memberId: 'a' })
  scene.sync('a', 3)
  assert.deepEqual(scene.given('a', 3), ['books:2', 'books:3'])
  scene.letAssign()
  return scene
}

test('a client without an id is given one, and joins with it', () => {
  const scene = consumerGroup()
  const { error, memberId } = scene.join()
  assert.equal(error, 'MEMBER_ID_REQUIRED')
  assert.equal(memberId, 'fresh-1AAAAAAAAAAAAAAA')
  assert.equal(scene.consumer?.members.size, 1)
  const { memberId: repeated, members, ...joined } = scene.join({ memberId })
  assert.equal(repeated, memberId)
  assert.deepEqual(members, [])
  assert.deepEqual(joined, {
    error: 'NONE',
    errorCode: 0,
    generationId: 3,
    protocolType: 'consumer',
    protocolName: 'range',
    leader: '',
  })
})

test('before version 4, and with an instance id, it joins at once', () => {
  for (const fields of [{ version: 3 }, { groupInstanceId: 'i' }]) {
    const scene = consumerGroup()
    assert.equal(scene.join(fields).error, 'NONE')
    assert.equal(scene.consumer?.classicCount, 1)
  }
})

const stranger = [{ name: 'odd', metadata: subscription(['books']) }]

// [why, broker settings, the JoinGroup, its error]
const refusedJoins: readonly (readonly [string, object, JoinFields, string])[] = [
  [
    'migration is off',
    { 'group.consumer.migration.policy': 'disabled' },
    {},
    'INCONSISTENT_GROUP_PROTOCOL',
  ],
  ['it is no consumer', {}, { protocolType: 'connect' }, 'INCONSISTENT_GROUP_PROTOCOL'],
  ['it offers nothing', {}, { protocols: [] }, 'INCONSISTENT_GROUP_PROTOCOL'],
  [
    'the other classic members do not know its protocol',
    {},
    { protocols: stranger },
    'INCONSISTENT_GROUP_PROTOCOL',
  ],
  ['the group is full', { 'group.consumer.max.size': 2 }, {}, 'GROUP_MAX_SIZE_REACHED'],
  ['its session is too short', {}, { sessionTimeoutMs: 1 }, 'INVALID_SESSION_TIMEOUT'],
  [
    'its subscription cannot be read',
    {},
    { memberId: 'c', protocols: [{ name: 'range', metadata: Buffer.of(0) }] },
    'UNKNOWN_SERVER_ERROR',
  ],
  [
    'its instance id belongs to nobody and it has an id',
    {},
    { memberId: 'c', groupInstanceId: 'i' },
    'UNKNOWN_MEMBER_ID',
  ],
]

for (const [why, settings, fields, error] of refusedJoins)
  test(`a classic client is refused when ${why}`, () => {
    const scene = withClassic()
    Object.assign(scene.shard.settings, settings)
    const before = scene.shard.log.length
    assert.equal(scene.join(fields).error, error)
    assert.equal(scene.shard.log.length, before)
  })

test('what a member says when it joins is what the group knows of it', () => {
  const scene = withClassic()
  scene.shard.changeTopic('films', 1)
  scene.join({ memberId: 'a', topics: ['films', 'books'], sessionTimeoutMs: 20_000 })
  const member = scene.consumer?.members.get('a')
  assert.deepEqual(member?.subscribedTopicNames, ['books', 'films'])
  assert.equal(member?.classic?.sessionTimeoutMs, 20_000)
  assert.equal(member?.rebalanceTimeoutMs, 30_000)
  assert.equal(scene.consumer?.epoch, 4)
})

test('partitions that a member does not name when it joins are free for others', () => {
  const scene = new Scene()
  const a = scene.foundClassic(assignment(all))
  scene.beat('b')
  scene.join({ memberId: a, owned: all })
  assert.equal(scene.consumer?.members.get(a)?.state, 'unrevoked-partitions')
  assert.deepEqual(scene.given(a, 1), ['books:0', 'books:1'], 'what it may keep meanwhile')
  assert.equal(scene.heartbeat(a, 1), 'REBALANCE_IN_PROGRESS')
  scene.join({ memberId: a, owned: ['books:0', 'books:1'] })
  assert.equal(scene.consumer?.members.get(a)?.memberEpoch, 2)
  assert.equal(scene.heartbeat(a, 2), 'NONE')
})

test('a member is told to join when what it waits for is free, not before', () => {
  const scene = consumerGroup()
  scene.join({ memberId: 'a' })
  scene.sync('a', 3)
  assert.equal(scene.heartbeat('a', 3), 'NONE', 'b still has it')
  scene.beat('b', { memberEpoch: 2 })
  scene.beat('b', { memberEpoch: 2, topicPartitions: [{ topicId: books, partitions: [0, 1] }] })
  assert.equal(scene.heartbeat('a', 3), 'REBALANCE_IN_PROGRESS')
  scene.join({ memberId: 'a' })
  assert.deepEqual(scene.given('a', 3), ['books:2', 'books:3'])
})

test('a new target sends a member to join, by heartbeats and by SyncGroup', () => {
  const scene = withClassic()
  scene.beat('c')
  assert.equal(scene.heartbeat('a', 3), 'REBALANCE_IN_PROGRESS')
  assert.equal(scene.sync('a', 3).error, 'REBALANCE_IN_PROGRESS')
})

// [why, member, generation, instance, error]: the same for Heartbeat and SyncGroup.
const refusedMembers = [
  ['nobody knows it', 'x', 3, null, 'UNKNOWN_MEMBER_ID'],
  ['it speaks the consumer protocol', 'b', 3, null, 'UNKNOWN_MEMBER_ID'],
  ['it is of an earlier generation', 'a', 2, null, 'ILLEGAL_GENERATION'],
  ['it is of a later generation', 'a', 4, null, 'ILLEGAL_GENERATION'],
  ['nobody has its instance id', 'a', 3, 'j', 'UNKNOWN_MEMBER_ID'],
  ['another has its instance id', 'a', 3, 'i', 'FENCED_INSTANCE_ID'],
] as const

for (const [why, memberId, generation, groupInstanceId, error] of refusedMembers)
  test(`a member is refused with ${error} when ${why}`, () => {
    const scene = withClassic()
    scene.join({ groupInstanceId: 'i' })
    assert.equal(scene.heartbeat(memberId, generation, groupInstanceId), error)
    assert.equal(scene.sync(memberId, generation, { groupInstanceId }).error, error)
  })

// [what it says it speaks, error]
const spoken = [
  [{ protocolType: 'connect' }, 'INCONSISTENT_GROUP_PROTOCOL'],
  [{ protocolName: 'odd' }, 'INCONSISTENT_GROUP_PROTOCOL'],
  [{ protocolType: null, protocolName: null }, 'NONE'],
] as const

for (const [fields, error] of spoken)
  test(`a SyncGroup for ${JSON.stringify(fields)} is answered ${error}`, () => {
    assert.equal(withClassic().sync('a', 3, fields).error, error)
  })

test('members of both protocols leave by LeaveGroup, each with an answer of its own', () => {
  const scene = withClassic()
  const { memberId: s = '' } = scene.join({ groupInstanceId: 'i' })
  const answers = scene.leave(
    ['x', null],
    ['b', null],
    ['', 'i'],
    ['a', 'i'],
    [s, 'i'],
    ['', 'nobody'],
    ['', null],
  )
  assert.deepEqual(answers, [
    'UNKNOWN_MEMBER_ID',
    ...['NONE', 'NONE', 'FENCED_INSTANCE_ID', 'NONE'],
    ...['UNKNOWN_MEMBER_ID', 'UNKNOWN_MEMBER_ID'],
  ])
  assert.deepEqual([...scene.classic!.members.keys()], ['a'], 'only a classic member is left')
})

test('a static member that restarts takes over what it had', () => {
  const scene = withClassic()
  const { memberId: before = '' } = scene.join({ groupInstanceId: 'i' })
  const { memberId: after = '', error } = scene.join({ groupInstanceId: 'i' })
  assert.equal(error, 'NONE')
  assert.notEqual(after, before)
  assert.equal(scene.consumer?.members.has(before), false)
  assert.equal(scene.consumer?.staticMembers.get('i'), after)
  assert.equal(scene.heartbeat(before, 4, 'i'), 'FENCED_INSTANCE_ID')
})

// [what a member leaves undone, how it comes to that, how long it has]
const overdue = [
  ['does not ask for its assignment', (scene: Scene) => void scene.join({ memberId: 'a' }), 30_000],
  ['does not join again', (scene: Scene) => void scene.beat('c'), 30_000],
] as const

for (const [what, bringAbout, limitMs] of overdue)
  test(`a member that lives but ${what} is removed after its rebalance timeout`, () => {
    const scene = withClassic()
    bringAbout(scene)
    const beatAll = (ms: number): void => {
      for (let past = 0; past < ms; past += 5_000) {
        const member = scene.consumer?.members.get('a')
        if (member) scene.heartbeat('a', member.memberEpoch)
        for (const id of ['b', 'c']) {
          const epoch = scene.consumer?.members.get(id)?.memberEpoch
          if (epoch) scene.beat(id, { memberEpoch: epoch })
        }
        scene.shard.advance(Math.min(5_000, ms - past))
      }
    }
    beatAll(limitMs - 1)
    assert.ok(scene.consumer?.members.has('a'))
    beatAll(1)
    assert.equal(scene.consumer?.members.has('a'), false)
  })

test('who goes over to the consumer protocol under the same id is not waited for any more', () => {
  const scene = withClassic()
  scene.join({ memberId: 'a' })
  const { memberEpoch = 0 } = scene.beat('a')
  for (let past = 0; past < 60_000; past += 5_000) {
    scene.beat('a', { memberEpoch: scene.consumer?.members.get('a')?.memberEpoch ?? memberEpoch })
    scene.beat('b', { memberEpoch: scene.consumer?.members.get('b')?.memberEpoch ?? 3 })
    scene.shard.advance(5_000)
  }
  assert.deepEqual([...scene.consumer!.members.keys()].toSorted(), ['a', 'b'])
})

test('a member in good standing is not timed for anything but its session', () => {
  const scene = withClassic()
  for (let past = 0; past < 120_000; past += 5_000) {
    assert.equal(scene.heartbeat('a', 3), 'NONE')
    scene.beat('b', { memberEpoch: 3 })
    scene.shard.advance(5_000)
  }
  scene.shard.advance(10_000)
  assert.equal(scene.consumer?.members.has('a'), false)
})

test('who joined again in time stays, however often it was told to', () => {
  const scene = withClassic()
  scene.beat('c')
  for (let i = 0; i < 3; i++) {
    assert.equal(scene.heartbeat('a', 3), 'REBALANCE_IN_PROGRESS')
    scene.shard.advance(9_000)
  }
  scene.join({ memberId: 'a' })
  scene.sync('a', 4)
  for (let past = 0; past < 15_000; past += 5_000) {
    scene.heartbeat('a', 4)
    scene.shard.advance(5_000)
  }
  assert.ok(scene.consumer?.members.has('a'))
})
