import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ErrorName, errorName } from '../../protocol/errors.ts'
import {
  GROUP,
  type JoinAnswer,
  type SyncAnswer,
  stableGroup,
  TestCoordinator,
} from './coordinator-for-test.ts'
import { sceneIn } from './phases-for-test.ts'
import { joinKey } from './timers.ts'

const errorOf = (answer: { errorCode: number } | undefined): ErrorName | 'waits' =>
  answer === undefined ? 'waits' : errorName(answer.errorCode)

/** Lets time pass while one member sends heartbeats. */
function passWithHeartbeats(coordinator: TestCoordinator, memberId: string, ms: number): void {
  for (let passedMs = 0; passedMs < ms; passedMs += 5000) {
    coordinator.advance(5000)
    coordinator.heartbeat(memberId, coordinator.group?.generation ?? 0)
  }
}

test('the first rebalance waits again as long as members come, up to the rebalance timeout', () => {
  // Members come at these times; the delay is 3 s, the rebalance timeout 10 s.
  const table: readonly (readonly [arrivals: readonly number[], beginsAt: number])[] = [
    [[0], 3000],
    [[0, 1000], 6000],
    [[0, 2000, 4000], 9000],
    [[0, 2000, 5000, 8000], 10_000],
  ]
  for (const [arrivals, beginsAt] of table) {
    const coordinator = new TestCoordinator()
    const startMs = coordinator.nowMs
    for (const arrivesAt of arrivals) {
      coordinator.advance(startMs + arrivesAt - coordinator.nowMs)
      coordinator.join({ version: 3, rebalanceTimeoutMs: 10_000 })
    }
    while (coordinator.group?.phase !== 'completing-rebalance') coordinator.advance(1)
    assert.equal(coordinator.nowMs - startMs, beginsAt, `arrivals at ${arrivals}`)
    assert.equal(coordinator.group.members.size, arrivals.length)
  }
})

test('without a delay the first member need not wait', () => {
  const coordinator = new TestCoordinator({ 'group.initial.rebalance.delay.ms': 0 })
  const { ticket } = coordinator.enter()
  coordinator.advance(0)
  assert.equal(errorOf(coordinator.answer(ticket)), 'NONE')
})

test('a group that was empty between two generations waits for first members again', () => {
  const { coordinator } = sceneIn('empty')
  const { ticket } = coordinator.enter()
  coordinator.advance(2999)
  assert.equal(errorOf(coordinator.answer(ticket)), 'waits')
  coordinator.advance(1)
  assert.equal(coordinator.answer<JoinAnswer>(ticket)?.generationId, 3)
})

test('a running group rebalances without a delay once all have joined', () => {
  const { coordinator, leader } = sceneIn('preparing-rebalance')
  const ticket = coordinator.join({ memberId: leader })
  assert.equal(errorOf(coordinator.answer(ticket)), 'NONE')
})

test('dynamic members that do not join again in time are out, and are told so later', () => {
  const { coordinator, leader, follower } = sceneIn('preparing-rebalance')
  passWithHeartbeats(coordinator, leader, 60_000)
  assert.deepEqual([...coordinator.group!.members.keys()], [follower])
  assert.equal(errorName(coordinator.heartbeat(leader, 1)), 'UNKNOWN_MEMBER_ID')
})

test('the others are waited for as long as the most patient member wants', () => {
  const { coordinator, memberIds } = stableGroup([
    { rebalanceTimeoutMs: 1000, sessionTimeoutMs: 60_000 },
    { rebalanceTimeoutMs: 9000, sessionTimeoutMs: 60_000 },
  ])
  coordinator.join({ memberId: memberIds[0]!, rebalanceTimeoutMs: 1000, protocols: { range: '' } })
  coordinator.advance(8999)
  assert.equal(coordinator.group?.phase, 'preparing-rebalance')
  coordinator.advance(1)
  assert.equal(coordinator.group.phase, 'completing-rebalance')
})

test('a leader that does not join again gives way to a member that did', () => {
  const { coordinator, leader, follower } = sceneIn('preparing-rebalance')
  assert.equal(coordinator.group?.leaderId, leader)
  passWithHeartbeats(coordinator, leader, 60_000)
  assert.equal(coordinator.group.leaderId, follower)
})

test('a static leader that is absent gives way and stays a member', () => {
  const { coordinator, memberIds } = stableGroup([
    { instanceId: 'i', sessionTimeoutMs: 100_000, rebalanceTimeoutMs: 5000 },
    { sessionTimeoutMs: 100_000, rebalanceTimeoutMs: 5000 },
  ])
  const [leader, follower] = memberIds as [string, string]
  assert.equal(coordinator.group?.leaderId, leader)
  const rejoin = { memberId: follower, rebalanceTimeoutMs: 5000, protocols: { range: 'new' } }
  const ticket = coordinator.join(rejoin)
  coordinator.advance(5000)
  const answer = coordinator.answer<JoinAnswer>(ticket)!
  assert.deepEqual([answer.leader, answer.members.length], [follower, 2])
})

test('when only absent static members are left, they are waited for once more', () => {
  const { coordinator, memberIds } = stableGroup([
    { instanceId: 'i', sessionTimeoutMs: 100_000, rebalanceTimeoutMs: 5000 },
    { instanceId: 'j', sessionTimeoutMs: 100_000, rebalanceTimeoutMs: 5000 },
  ])
  coordinator.leave([{ memberId: memberIds[0]! }])
  coordinator.advance(20_000)
  assert.equal(coordinator.group?.phase, 'preparing-rebalance')
  const rejoin = { memberId: memberIds[1]!, instanceId: 'j' }
  const ticket = coordinator.join(rejoin)
  assert.equal(errorOf(coordinator.answer(ticket)), 'NONE')
})

test('absent static members that allow next to no time are not looked for without a pause', () => {
  const { coordinator, memberIds } = stableGroup([
    { instanceId: 'i', sessionTimeoutMs: 100_000, rebalanceTimeoutMs: 1 },
    { instanceId: 'j', sessionTimeoutMs: 100_000, rebalanceTimeoutMs: 1 },
  ])
  coordinator.leave([{ memberId: memberIds[0]! }])
  coordinator.advance(1)
  assert.equal(coordinator.group?.phase, 'preparing-rebalance')
  const { dueMs } = coordinator.timers.get(joinKey(GROUP))!
  assert.equal(dueMs - coordinator.nowMs, 1000)
})

test('members that wait for the others do not expire, though they are silent', () => {
  const { coordinator, leader, follower } = sceneIn('preparing-rebalance')
  passWithHeartbeats(coordinator, leader, 55_000)
  assert.equal(coordinator.group?.phase, 'preparing-rebalance')
  assert.ok(coordinator.group.members.has(follower))
})

test('members that wait for their assignment do not expire, though they are silent', () => {
  const { coordinator, leader, follower, generation } = sceneIn('completing-rebalance')
  coordinator.sync(follower, generation)
  passWithHeartbeats(coordinator, leader, 50_000)
  assert.ok(coordinator.group?.members.has(follower))
})

test('a new member that is silent while it waits is given up after five minutes', () => {
  const { coordinator, memberIds } = stableGroup([{ rebalanceTimeoutMs: 600_000 }])
  const late = coordinator.enter({ rebalanceTimeoutMs: 600_000 })
  passWithHeartbeats(coordinator, memberIds[0]!, 295_000)
  assert.ok(coordinator.group?.members.has(late.memberId))
  coordinator.advance(5000)
  assert.equal(errorOf(coordinator.answer(late.ticket)), 'UNKNOWN_MEMBER_ID')
  assert.ok(!coordinator.group?.members.has(late.memberId))
})

test('a session begins anew when a generation begins, and when its assignment is given', () => {
  const { coordinator, leader, follower, generation } = sceneIn('completing-rebalance')
  coordinator.advance(9999)
  coordinator.sync(follower, generation)
  coordinator.sync(leader, generation)
  coordinator.advance(9999)
  assert.equal(coordinator.group?.members.size, 2)
  coordinator.advance(1)
  assert.notEqual(coordinator.group.members.size, 2)
})

test('of many members that join at once, the time-out of one does not cancel the others', () => {
  const coordinator = new TestCoordinator()
  const patient = Array.from({ length: 20 }, () => coordinator.join({ version: 3 }))
  const vanished = Array.from({ length: 5 }, () => coordinator.join({ sessionTimeoutMs: 6000 }))
  assert.equal(coordinator.group?.pendingJoin.size, vanished.length)
  coordinator.advance(6000)
  const generations = patient.map((one) => coordinator.answer<JoinAnswer>(one)?.generationId)
  assert.deepEqual(
    generations,
    patient.map(() => 1),
  )
})

test('members that join while the assignment is awaited send everyone back to joining', () => {
  const { coordinator, leader, follower, generation } = sceneIn('completing-rebalance')
  const sync = coordinator.sync(follower, generation)
  coordinator.join({ version: 3 })
  const { errorCode, assignment } = coordinator.answer<SyncAnswer>(sync)!
  assert.deepEqual([errorName(errorCode), assignment.length], ['REBALANCE_IN_PROGRESS', 0])
  assert.equal(errorName(coordinator.heartbeat(leader, generation)), 'REBALANCE_IN_PROGRESS')
})

test('when the last member goes, the record says since when the group is empty', () => {
  const { coordinator, leader, follower, generation } = sceneIn('stable')
  coordinator.advance(5)
  coordinator.leave([{ memberId: leader }, { memberId: follower }])
  assert.deepEqual(coordinator.records.at(-1)?.value, {
    protocolType: 'consumer',
    generation: generation + 1,
    protocol: null,
    leader: null,
    currentStateTimestamp: coordinator.nowMs,
    members: [],
  })
})

test('the last member may go while an id is out: the group is empty at once after that', () => {
  const { coordinator, memberIds } = stableGroup([{}])
  const { memberId } = coordinator.answer<JoinAnswer>(coordinator.join())!
  coordinator.leave([{ memberId: memberIds[0]! }])
  assert.equal(coordinator.group?.phase, 'empty')
  coordinator.join({ memberId })
  assert.equal(coordinator.group.phase, 'preparing-rebalance')
})
