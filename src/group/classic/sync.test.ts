import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorName } from '../../protocol/errors.ts'
import {
  type SyncAnswer,
  settle,
  stableGroup,
  type TestCoordinator,
  text,
} from './coordinator-for-test.ts'
import { sceneIn } from './phases-for-test.ts'

const codeOf = (coordinator: TestCoordinator, ticket: number) =>
  errorName(coordinator.answer<SyncAnswer>(ticket)!.errorCode)

test('the leader brings the parts of all; those who asked before it get theirs with it', () => {
  const { coordinator, leader, follower, generation } = sceneIn('completing-rebalance')
  const early = coordinator.sync(follower, generation)
  assert.equal(coordinator.answer(early), undefined)
  const own = coordinator.sync(leader, generation, { [leader]: 'all', [follower]: 'nothing much' })
  assert.deepEqual(coordinator.answer<SyncAnswer>(early), {
    errorCode: 0,
    protocolType: 'consumer',
    protocolName: 'range',
    assignment: new Uint8Array(Buffer.from('nothing much')),
  })
  assert.equal(text(coordinator.answer<SyncAnswer>(own)!.assignment), 'all')
})

test('the assignment is on record, with what each member subscribed to', () => {
  const { coordinator, leader, follower, generation } = sceneIn('completing-rebalance')
  const before = coordinator.records.length
  coordinator.sync(leader, generation, { [follower]: 'part' })
  assert.equal(coordinator.records.length, before + 1)
  const { value } = coordinator.records.at(-1)!
  assert.deepEqual(
    { ...value, members: undefined },
    {
      protocolType: 'consumer',
      generation,
      protocol: 'range',
      leader,
      currentStateTimestamp: coordinator.nowMs,
      members: undefined,
    },
  )
  assert.deepEqual(
    value?.members
      .map((one) => [one.memberId, text(one.subscription), text(one.assignment)])
      .sort(),
    [
      [leader, 'topics', ''],
      [follower, 'new topics', 'part'],
    ].sort(),
  )
})

test('whom the leader forgets gets an empty part; parts of strangers are dropped', () => {
  const { coordinator, leader, follower, generation } = sceneIn('completing-rebalance')
  coordinator.sync(leader, generation, { stranger: 'part' })
  const late = coordinator.sync(follower, generation)
  assert.equal(coordinator.answer<SyncAnswer>(late)!.assignment.length, 0)
})

test('a follower that brings an assignment is not listened to', () => {
  const { coordinator, follower, generation } = sceneIn('completing-rebalance')
  coordinator.sync(follower, generation, { [follower]: 'everything' })
  assert.equal(coordinator.group?.phase, 'completing-rebalance')
})

test('a member that believes in another protocol is refused (KIP-559)', () => {
  const table = [
    [null, null, 'NONE'],
    ['consumer', 'range', 'NONE'],
    ['consumer', null, 'NONE'],
    ['connect', 'range', 'INCONSISTENT_GROUP_PROTOCOL'],
    ['consumer', 'sticky', 'INCONSISTENT_GROUP_PROTOCOL'],
  ] as const
  for (const [protocolType, protocolName, error] of table) {
    const { coordinator, memberIds } = stableGroup([{}])
    const ticket = coordinator.sync(memberIds[0]!, 1, {}, { protocolType, protocolName })
    assert.equal(codeOf(coordinator, ticket), error, `${protocolType} ${protocolName}`)
  }
})

test('members that do not sync within the rebalance timeout are out', () => {
  const { coordinator, leader, follower, generation } = sceneIn('completing-rebalance')
  coordinator.sync(leader, generation)
  for (let passedMs = 0; passedMs < 60_000; passedMs += 5000) {
    for (const memberId of [leader, follower]) coordinator.heartbeat(memberId, generation)
    coordinator.advance(5000)
  }
  assert.deepEqual([...coordinator.group!.members.keys()], [leader])
  assert.equal(coordinator.group?.phase, 'preparing-rebalance')
})

test('a leader that does not sync in time is out, and who waited for it joins again', () => {
  const { coordinator, leader, follower, generation } = sceneIn('completing-rebalance')
  const sync = coordinator.sync(follower, generation)
  for (let passedMs = 0; passedMs < 60_000; passedMs += 5000) {
    coordinator.heartbeat(leader, generation)
    coordinator.advance(5000)
  }
  assert.equal(codeOf(coordinator, sync), 'REBALANCE_IN_PROGRESS')
  assert.deepEqual([...coordinator.group!.members.keys()], [follower])
})

test('when all have synced nobody is waited for any more', () => {
  const { coordinator, leader, follower, generation } = sceneIn('completing-rebalance')
  settle(coordinator)
  assert.ok(![...coordinator.timers.keys()].some((key) => key.endsWith('classic-sync')))
  for (let passedMs = 0; passedMs < 100_000; passedMs += 5000) {
    for (const memberId of [leader, follower]) coordinator.heartbeat(memberId, generation)
    coordinator.advance(5000)
  }
  assert.equal(coordinator.group?.phase, 'stable')
})

test('a member that syncs while it waits is answered once, to its newer request', () => {
  const { coordinator, leader, follower, generation } = sceneIn('completing-rebalance')
  const earlier = coordinator.sync(follower, generation)
  const newer = coordinator.sync(follower, generation)
  assert.equal(codeOf(coordinator, earlier), 'REBALANCE_IN_PROGRESS')
  coordinator.sync(leader, generation)
  assert.equal(codeOf(coordinator, newer), 'NONE')
})

test('a sync in a stable group does not prolong the session', () => {
  const { coordinator, leader, generation } = sceneIn('stable')
  coordinator.advance(9999)
  coordinator.sync(leader, generation)
  coordinator.advance(1)
  assert.ok(!coordinator.group?.members.has(leader))
})
