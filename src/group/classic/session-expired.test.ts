import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorName } from '../../protocol/errors.ts'
import { sceneIn } from './phases-for-test.ts'

test('a member that is silent for its session timeout is out, and the others join again', () => {
  const { coordinator, leader, follower, generation } = sceneIn('stable')
  coordinator.advance(5000)
  coordinator.heartbeat(leader, generation)
  coordinator.advance(5000)
  assert.deepEqual([...coordinator.group!.members.keys()], [leader])
  assert.equal(errorName(coordinator.heartbeat(leader, generation)), 'REBALANCE_IN_PROGRESS')
  assert.equal(errorName(coordinator.heartbeat(follower, generation)), 'UNKNOWN_MEMBER_ID')
})

test('a heartbeat with an error does not prolong the session', () => {
  const { coordinator, leader, generation } = sceneIn('stable')
  coordinator.advance(9999)
  coordinator.heartbeat(leader, generation - 1)
  coordinator.advance(1)
  assert.ok(!coordinator.group?.members.has(leader))
})

test('a heartbeat that asks to join again does prolong it', () => {
  const { coordinator, leader, generation } = sceneIn('preparing-rebalance')
  coordinator.advance(9000)
  assert.equal(errorName(coordinator.heartbeat(leader, generation)), 'REBALANCE_IN_PROGRESS')
  coordinator.advance(9999)
  assert.ok(coordinator.group?.members.has(leader))
})

test('a rebalance does not wait for who is silent', () => {
  const { coordinator, follower } = sceneIn('preparing-rebalance')
  coordinator.advance(10_000)
  assert.deepEqual([...coordinator.group!.members.keys()], [follower])
  assert.equal(coordinator.group?.phase, 'completing-rebalance')
})
