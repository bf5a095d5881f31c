import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ErrorName, errorName, KafkaError } from '../../protocol/errors.ts'
import { type JoinAnswer, stableGroup, TestCoordinator, text } from './coordinator-for-test.ts'
import { rowsOf, sceneIn } from './phases-for-test.ts'

const errorOf = (answer: JoinAnswer | undefined): ErrorName | 'waits' =>
  answer === undefined ? 'waits' : errorName(answer.errorCode)

test('the first join is answered with an id, and only the second one with it counts', () => {
  const coordinator = new TestCoordinator()
  const first = coordinator.answer<JoinAnswer>(coordinator.join({ clientId: 'app' }))!
  assert.equal(errorOf(first), 'MEMBER_ID_REQUIRED')
  assert.match(first.memberId, /^app-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  assert.equal(coordinator.group?.members.size, 0)
  coordinator.join({ memberId: first.memberId })
  assert.deepEqual([...coordinator.group!.members.keys()], [first.memberId])
  assert.equal(coordinator.group?.pendingJoin.size, 0)
})

test('an id that its client does not use is forgotten after a session timeout', () => {
  const coordinator = new TestCoordinator()
  const { memberId } = coordinator.answer<JoinAnswer>(coordinator.join({ sessionTimeoutMs: 7000 }))!
  coordinator.advance(6999)
  assert.deepEqual([...coordinator.group!.pendingJoin.keys()], [memberId])
  coordinator.advance(1)
  assert.deepEqual([...coordinator.group!.pendingJoin.keys()], [])
  const late = coordinator.join({ memberId })
  assert.equal(errorOf(coordinator.answer(late)), 'UNKNOWN_MEMBER_ID')
})

test('an id that was given out is no member: it may not sync, commit or send heartbeats', () => {
  const { coordinator } = stableGroup([{}])
  const { memberId } = coordinator.answer<JoinAnswer>(coordinator.join())!
  assert.equal(errorName(coordinator.heartbeat(memberId, 1)), 'UNKNOWN_MEMBER_ID')
})

test('a rebalance waits for the second join of those who were given an id', () => {
  const { coordinator, memberIds } = stableGroup([{}])
  const { memberId } = coordinator.answer<JoinAnswer>(coordinator.join())!
  const rejoin = coordinator.join({ memberId: memberIds[0]! })
  assert.equal(errorOf(coordinator.answer(rejoin)), 'waits')
  coordinator.join({ memberId })
  assert.equal(errorOf(coordinator.answer(rejoin)), 'NONE')
  assert.equal(coordinator.group?.members.size, 2)
})

test('a rebalance goes on without those who were given an id and vanished', () => {
  const { coordinator, memberIds } = stableGroup([{}])
  coordinator.join({ sessionTimeoutMs: 6000 })
  const rejoin = coordinator.join({ memberId: memberIds[0]! })
  coordinator.advance(6000)
  assert.equal(errorOf(coordinator.answer(rejoin)), 'NONE')
})

test('the leader is told of all members and their metadata, the others are told of the leader', () => {
  const coordinator = new TestCoordinator()
  const a = coordinator.enter({ clientId: 'a', protocols: { range: 'topics of a' } })
  const b = coordinator.join({ clientId: 'b', instanceId: 'i', protocols: { range: 'of b' } })
  coordinator.advance(6000)
  const leader = coordinator.answer<JoinAnswer>(a.ticket)!
  const follower = coordinator.answer<JoinAnswer>(b)!
  assert.deepEqual(
    leader.members
      .map(({ memberId, groupInstanceId, metadata }) => [memberId, groupInstanceId, text(metadata)])
      .sort(),
    [
      [a.memberId, null, 'topics of a'],
      [follower.memberId, 'i', 'of b'],
    ],
  )
  assert.deepEqual(follower, {
    errorCode: 0,
    generationId: 1,
    protocolType: 'consumer',
    protocolName: 'range',
    leader: a.memberId,
    memberId: follower.memberId,
    members: [],
  })
})

test('session timeouts outside the bounds of the broker are refused, and found no group', () => {
  const settings = {
    'group.min.session.timeout.ms': 100,
    'group.max.session.timeout.ms': 200,
  } as const
  for (const [sessionTimeoutMs, error] of [
    [99, 'INVALID_SESSION_TIMEOUT'],
    [100, 'MEMBER_ID_REQUIRED'],
    [200, 'MEMBER_ID_REQUIRED'],
    [201, 'INVALID_SESSION_TIMEOUT'],
  ] as const) {
    const coordinator = new TestCoordinator(settings)
    const ticket = coordinator.join({ sessionTimeoutMs })
    assert.equal(errorOf(coordinator.answer(ticket)), error, `${sessionTimeoutMs} ms`)
    assert.equal(coordinator.group === undefined, error === 'INVALID_SESSION_TIMEOUT')
  }
})

test('who shares no protocol with all members is refused', () => {
  const offers = [
    [{ protocols: { sticky: '', roundrobin: '' } }, 'MEMBER_ID_REQUIRED'],
    [{ protocols: { sticky: '' } }, 'INCONSISTENT_GROUP_PROTOCOL'],
    [{ protocols: {} }, 'INCONSISTENT_GROUP_PROTOCOL'],
    [{ protocols: { roundrobin: '' }, protocolType: 'connect' }, 'INCONSISTENT_GROUP_PROTOCOL'],
  ] as const
  for (const [options, error] of offers) {
    const { coordinator } = stableGroup([
      { protocols: { range: '', roundrobin: '' } },
      { protocols: { roundrobin: '', sticky: '' } },
    ])
    assert.equal(errorOf(coordinator.answer(coordinator.join(options))), error)
  }
})

test('the first member needs a protocol type and a protocol', () => {
  for (const options of [{ protocolType: '' }, { protocols: {} }]) {
    const coordinator = new TestCoordinator()
    const ticket = coordinator.join(options)
    assert.equal(errorOf(coordinator.answer(ticket)), 'INCONSISTENT_GROUP_PROTOCOL')
  }
})

test('a group is on record from the first join on, empty', () => {
  const coordinator = new TestCoordinator()
  coordinator.join({ version: 3 })
  assert.deepEqual(
    coordinator.records.map(({ value }) => value),
    [
      {
        protocolType: '',
        generation: 0,
        protocol: null,
        leader: null,
        currentStateTimestamp: coordinator.nowMs,
        members: [],
      },
    ],
  )
  assert.equal(coordinator.group?.members.size, 1)
})

test('a full group takes nobody else, but its members may join again', () => {
  for (const [phase, error] of rowsOf({
    empty: 'MEMBER_ID_REQUIRED',
    // Of two members one has joined: the other may not any more.
    'preparing-rebalance': 'GROUP_MAX_SIZE_REACHED',
    'completing-rebalance': 'GROUP_MAX_SIZE_REACHED',
    stable: 'GROUP_MAX_SIZE_REACHED',
    dead: 'COORDINATOR_NOT_AVAILABLE',
  } as const)) {
    const { coordinator, leader } = sceneIn(phase)
    coordinator.configure({ 'group.max.size': 1 })
    assert.equal(errorOf(coordinator.answer(coordinator.join())), error, phase)
    if (phase !== 'completing-rebalance' && phase !== 'stable') continue
    const rejoin = coordinator.join({ memberId: leader })
    assert.notEqual(errorOf(coordinator.answer(rejoin)), 'GROUP_MAX_SIZE_REACHED', phase)
  }
})

test('while members join, the first ones fill a group that is too large', () => {
  const { coordinator, leader, follower } = sceneIn('preparing-rebalance')
  coordinator.configure({ 'group.max.size': 1 })
  const late = coordinator.answer<JoinAnswer>(coordinator.join({ memberId: leader }))
  assert.equal(errorOf(late), 'GROUP_MAX_SIZE_REACHED')
  assert.equal(late?.memberId, '')
  assert.deepEqual([...coordinator.group!.members.keys()], [follower])
  // Nobody is waited for any more.
  assert.equal(coordinator.group?.phase, 'completing-rebalance')
})

test('a member that joins while it waits is answered once, to its newer request', () => {
  const { coordinator, leader, follower } = sceneIn('preparing-rebalance')
  const [earlier] = [...coordinator.group!.members.values()].flatMap(({ joining }) => joining ?? [])
  const newer = coordinator.join({ memberId: follower })
  assert.equal(errorOf(coordinator.answer(earlier!)), 'REBALANCE_IN_PROGRESS')
  coordinator.join({ memberId: leader })
  assert.equal(errorOf(coordinator.answer(newer)), 'NONE')
})

test('a member that repeats its join in a generation that has begun is told it again', () => {
  const { coordinator, leader, follower, generation } = sceneIn('completing-rebalance')
  const before = coordinator.group
  for (const [memberId, offer] of [
    [leader, 'topics'],
    [follower, 'new topics'],
  ] as const) {
    const ticket = coordinator.join({ memberId, protocols: { range: offer } })
    const answer = coordinator.answer<JoinAnswer>(ticket)!
    assert.deepEqual([errorOf(answer), answer.generationId], ['NONE', generation])
    assert.equal(answer.members.length, memberId === leader ? 2 : 0)
  }
  assert.equal(coordinator.group, before)
})

test('an id of a dynamic member that comes back with an instance id is an error', () => {
  const { coordinator } = stableGroup([{}])
  const { memberId } = coordinator.answer<JoinAnswer>(coordinator.join())!
  const before = coordinator.group
  assert.throws(
    () => coordinator.join({ memberId, instanceId: 'i' }),
    (error) => error instanceof KafkaError && error.error === 'UNKNOWN_SERVER_ERROR',
  )
  assert.equal(coordinator.group, before)
})

test('a group keeps no view of the buffer that a request came in', () => {
  const coordinator = new TestCoordinator()
  const event = coordinator.joinEvent({ version: 3, protocols: { range: 'topics' } })
  coordinator.submit(event)
  for (const { metadata } of event.request.protocols) metadata.fill(0)
  const [member] = coordinator.group!.members.values()
  assert.equal(text(member!.protocols[0]!.metadata), 'topics')
})
