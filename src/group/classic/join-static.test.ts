import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ErrorName, errorName, KafkaError } from '../../protocol/errors.ts'
import { checkClassicCommit } from './commit-check.ts'
import {
  type JoinAnswer,
  type JoinOptions,
  type SyncAnswer,
  settle,
  stableGroup,
  text,
} from './coordinator-for-test.ts'

/** Two static members, the leader first. */
function staticPair(options: JoinOptions = {}) {
  const { coordinator } = stableGroup([
    { instanceId: 'i', ...options },
    { instanceId: 'j', ...options },
  ])
  const leader = coordinator.group!.members.get(coordinator.group!.leaderId!)!
  const follower = [...coordinator.group!.members.values()].find((one) => one !== leader)!
  return { coordinator, leader, follower }
}

test('a static member is a member with its first join, without a second round', () => {
  const { coordinator } = staticPair()
  assert.deepEqual([...coordinator.group!.staticMembers.keys()].sort(), ['i', 'j'])
})

for (const role of ['leader', 'follower'] as const) {
  test(`a ${role} that starts again keeps its assignment without a rebalance`, () => {
    const pair = staticPair()
    const { coordinator } = pair
    const old = pair[role]
    const ticket = coordinator.join({ instanceId: old.instanceId })
    const answer = coordinator.answer<JoinAnswer>(ticket)!
    assert.notEqual(answer.memberId, old.memberId)
    assert.deepEqual(
      {
        generation: answer.generationId,
        skipAssignment: answer.skipAssignment,
        told: answer.members.length,
        leader: answer.leader,
        phase: coordinator.group?.phase,
      },
      {
        generation: 1,
        // KIP-814: it leads, and need not assign.
        skipAssignment: role === 'leader',
        told: role === 'leader' ? 2 : 0,
        leader: role === 'leader' ? answer.memberId : pair.leader.memberId,
        phase: 'stable',
      },
    )
    const sync = coordinator.sync(answer.memberId, 1, {}, { groupInstanceId: old.instanceId })
    const { assignment } = coordinator.answer<SyncAnswer>(sync)!
    assert.equal(text(assignment), `part of ${old.memberId}`)
  })
}

test('other topics alone are no reason to rebalance: the leader is told them and decides', () => {
  const { coordinator, leader, follower } = staticPair()
  const join = (instanceId: string | null) =>
    coordinator.answer<JoinAnswer>(
      coordinator.join({ instanceId, protocols: { range: 'new topics' } }),
    )!
  const { memberId } = join(follower.instanceId)
  const { members, skipAssignment } = join(leader.instanceId)
  assert.equal(coordinator.group?.phase, 'stable')
  assert.equal(skipAssignment, true)
  const told = members.find((member) => member.memberId === memberId)!
  assert.equal(text(told.metadata), 'new topics')
})

test('an older leader that starts again is told its old id, so that it assigns nothing', () => {
  const { coordinator, leader } = staticPair()
  const ticket = coordinator.join({ instanceId: leader.instanceId, version: 8 })
  const answer = coordinator.answer<JoinAnswer>(ticket)!
  assert.equal(answer.leader, leader.memberId)
  assert.deepEqual(answer.members, [])
  assert.equal(answer.skipAssignment ?? false, false)
  assert.equal(coordinator.group?.leaderId, answer.memberId)
})

test('the new id of a static member is on record before it is told', () => {
  const { coordinator, leader } = staticPair()
  const { memberId } = coordinator.answer<JoinAnswer>(
    coordinator.join({ instanceId: leader.instanceId }),
  )!
  const { value } = coordinator.records.at(-1)!
  assert.equal(value?.leader, memberId)
  assert.ok(value.members.some((member) => member.memberId === memberId))
  assert.ok(value.members.every((member) => member.memberId !== leader.memberId))
})

test('a member that starts again with an offer that changes the protocol makes all rebalance', () => {
  const { coordinator, follower } = staticPair({ protocols: { range: '', sticky: '' } })
  assert.equal(coordinator.group?.protocolName, 'range')
  const ticket = coordinator.join({
    instanceId: follower.instanceId,
    protocols: { sticky: '' },
  })
  assert.equal(coordinator.answer(ticket), undefined)
  assert.equal(coordinator.group?.phase, 'preparing-rebalance')
})

test('of two processes with one instance id the older is fenced, whatever it does', () => {
  const { coordinator, leader } = staticPair()
  const { instanceId, memberId } = leader
  coordinator.join({ instanceId })
  const sync = coordinator.sync(memberId, 1, {}, { groupInstanceId: instanceId })
  const join = coordinator.join({ memberId, instanceId })
  const codes = [
    coordinator.heartbeat(memberId, 1, instanceId),
    coordinator.answer<SyncAnswer>(sync)!.errorCode,
    coordinator.answer<JoinAnswer>(join)!.errorCode,
    coordinator.leave([{ memberId, groupInstanceId: instanceId }]).members![0]!.errorCode,
  ]
  assert.deepEqual(codes.map(errorName), Array<ErrorName>(4).fill('FENCED_INSTANCE_ID'))
  const commit = { generation: 1, isTransactional: false, apiVersion: 9 }
  assert.throws(
    () => checkClassicCommit(coordinator.group!, { memberId, instanceId, ...commit }),
    (error) => error instanceof KafkaError && error.error === 'FENCED_INSTANCE_ID',
  )
})

test('the older process is fenced also while it waits for the others', () => {
  const { coordinator, leader } = staticPair()
  const { instanceId, memberId } = leader
  const join = coordinator.join({ memberId, instanceId })
  assert.equal(coordinator.answer(join), undefined)
  coordinator.join({ instanceId })
  const { errorCode, memberId: told } = coordinator.answer<JoinAnswer>(join)!
  assert.deepEqual([errorName(errorCode), told], ['FENCED_INSTANCE_ID', memberId])
})

test('the older process is fenced also while it waits for its assignment', () => {
  const { coordinator, leader, follower } = staticPair()
  coordinator.join({ memberId: leader.memberId, instanceId: leader.instanceId })
  coordinator.join({ memberId: follower.memberId, instanceId: follower.instanceId })
  const sync = coordinator.sync(follower.memberId, 2, {}, { groupInstanceId: follower.instanceId })
  coordinator.join({ instanceId: follower.instanceId })
  assert.equal(errorName(coordinator.answer<SyncAnswer>(sync)!.errorCode), 'FENCED_INSTANCE_ID')
  assert.equal(coordinator.group?.phase, 'preparing-rebalance')
})

test('a static member that did not join again stays, for its session and one sync barrier', () => {
  const { coordinator, leader, follower } = staticPair({
    sessionTimeoutMs: 300_000,
    rebalanceTimeoutMs: 20_000,
  })
  const rejoin = { instanceId: leader.instanceId, memberId: leader.memberId }
  coordinator.join({ ...rejoin, sessionTimeoutMs: 300_000, rebalanceTimeoutMs: 20_000 })
  coordinator.advance(20_000)
  assert.equal(coordinator.group?.phase, 'completing-rebalance')
  assert.ok(coordinator.group.members.has(follower.memberId))
  coordinator.advance(20_000)
  assert.ok(!coordinator.group?.members.has(follower.memberId))
})

test('a static member that starts again before it synced is awaited under its new id', () => {
  const { coordinator, leader, follower } = staticPair({ rebalanceTimeoutMs: 8000 })
  for (const { memberId, instanceId } of [leader, follower]) {
    coordinator.join({ memberId, instanceId, rebalanceTimeoutMs: 8000 })
  }
  const { groupInstanceId = leader.instanceId } = {}
  coordinator.sync(leader.memberId, 2, {}, { groupInstanceId })
  const { memberId } = coordinator.answer<JoinAnswer>(
    coordinator.join({ instanceId: follower.instanceId, rebalanceTimeoutMs: 8000 }),
  )!
  assert.deepEqual([...coordinator.group!.pendingSync], [memberId])
  coordinator.sync(memberId, 2, {}, { groupInstanceId: follower.instanceId })
  coordinator.advance(8000)
  assert.equal(coordinator.group?.phase, 'stable')
})

test('an instance id that nobody has is unknown', () => {
  const { coordinator, leader } = staticPair()
  const code = coordinator.heartbeat(leader.memberId, 1, 'nobody')
  assert.equal(errorName(code), 'UNKNOWN_MEMBER_ID')
})

test('a static leader that joins with its id asks for a rebalance like any leader', () => {
  const { coordinator, leader } = staticPair()
  coordinator.join({ memberId: leader.memberId, instanceId: leader.instanceId })
  assert.equal(coordinator.group?.phase, 'preparing-rebalance')
  settle(coordinator)
})
