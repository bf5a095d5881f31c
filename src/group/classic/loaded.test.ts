import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorName } from '../../protocol/errors.ts'
import { type JoinAnswer, type SyncAnswer, stableGroup, text } from './coordinator-for-test.ts'
import { sceneIn } from './phases-for-test.ts'

test('after the coordinator has moved, members go on as before, with a whole session', () => {
  const { coordinator, leader, follower, generation } = sceneIn('stable')
  coordinator.advance(9999)
  coordinator.reload()
  coordinator.advance(9999)
  assert.equal(errorName(coordinator.heartbeat(leader, generation)), 'NONE')
  const sync = coordinator.sync(follower, generation)
  const { assignment } = coordinator.answer<SyncAnswer>(sync)!
  assert.equal(text(assignment), `part of ${follower}`)
  coordinator.advance(1)
  assert.ok(!coordinator.group?.members.has(follower))
})

test('a generation that was not on record never was: its members join again', () => {
  const { coordinator, leader, follower, generation } = sceneIn('completing-rebalance')
  coordinator.reload()
  assert.equal(coordinator.group?.generation, generation - 1)
  for (const memberId of [leader, follower]) {
    assert.equal(errorName(coordinator.heartbeat(memberId, generation)), 'ILLEGAL_GENERATION')
    coordinator.join({ memberId, protocols: { range: 'other' } })
  }
  assert.equal(coordinator.group?.phase, 'completing-rebalance')
})

test('ids that were given out are forgotten: their clients are given others', () => {
  const { coordinator } = stableGroup([{}])
  const { memberId } = coordinator.answer<JoinAnswer>(coordinator.join())!
  coordinator.reload()
  const { errorCode } = coordinator.answer<JoinAnswer>(coordinator.join({ memberId }))!
  assert.equal(errorName(errorCode), 'UNKNOWN_MEMBER_ID')
})

test('a group that outgrew its largest size rebalances, and takes in no more than fit', () => {
  const { coordinator, memberIds } = stableGroup([{}, {}, {}])
  coordinator.configure({ 'group.max.size': 2 })
  coordinator.reload()
  assert.equal(coordinator.group?.phase, 'preparing-rebalance')
  const errors = memberIds.map((memberId) => {
    const answer = coordinator.answer<JoinAnswer>(coordinator.join({ memberId }))
    return answer === undefined ? 'waits' : errorName(answer.errorCode)
  })
  assert.deepEqual(errors, ['waits', 'waits', 'GROUP_MAX_SIZE_REACHED'])
})
