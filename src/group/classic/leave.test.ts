import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorName } from '../../protocol/errors.ts'
import {
  type JoinAnswer,
  type LeaveAnswer,
  type SyncAnswer,
  stableGroup,
} from './coordinator-for-test.ts'
import { sceneIn } from './phases-for-test.ts'

const errorsOf = ({ members = [] }: LeaveAnswer) =>
  members.map(({ errorCode }) => errorName(errorCode))

test('each of several members is answered on its own, and one rebalance follows', () => {
  const { coordinator, memberIds } = stableGroup([
    { instanceId: 'i' },
    { instanceId: 'j' },
    { clientId: 'dynamic' },
    { clientId: 'stays' },
  ])
  const [i, j, dynamic, stays] = memberIds as [string, string, string, string]
  const pending = coordinator.answer<JoinAnswer>(coordinator.join())!.memberId
  const answer = coordinator.leave([
    { memberId: '', groupInstanceId: 'i' },
    { memberId: i, groupInstanceId: 'j' },
    { memberId: j, groupInstanceId: 'j' },
    { memberId: j, groupInstanceId: 'j' },
    { memberId: '', groupInstanceId: 'nobody' },
    { memberId: '' },
    { memberId: dynamic },
    { memberId: pending },
    { memberId: 'stranger' },
  ])
  assert.equal(answer.errorCode, 0)
  assert.deepEqual(errorsOf(answer), [
    'NONE',
    'FENCED_INSTANCE_ID',
    'NONE',
    'UNKNOWN_MEMBER_ID',
    'UNKNOWN_MEMBER_ID',
    'UNKNOWN_MEMBER_ID',
    'NONE',
    'NONE',
    'UNKNOWN_MEMBER_ID',
  ])
  assert.deepEqual(answer.members?.[1], {
    memberId: i,
    groupInstanceId: 'j',
    errorCode: answer.members?.[1]?.errorCode,
  })
  assert.deepEqual([...coordinator.group!.members.keys()], [stays])
  assert.equal(coordinator.group?.phase, 'preparing-rebalance')
  assert.equal(coordinator.group.pendingJoin.size, 0)
})

test('a rebalance does not wait for who has left', () => {
  const { coordinator, leader } = sceneIn('preparing-rebalance')
  coordinator.leave([{ memberId: leader }])
  assert.equal(coordinator.group?.phase, 'completing-rebalance')
})

test('the first rebalance waits its time though the others have left', () => {
  const { coordinator } = stableGroup([])
  const first = coordinator.enter()
  const second = coordinator.enter()
  coordinator.leave([{ memberId: second.memberId }])
  assert.equal(coordinator.answer(first.ticket), undefined)
  assert.equal(coordinator.group?.phase, 'preparing-rebalance')
})

test('a member that leaves while it waits is answered that it is none', () => {
  const joining = sceneIn('preparing-rebalance')
  const join = joining.coordinator.join({ memberId: joining.follower })
  joining.coordinator.leave([{ memberId: joining.follower }])
  assert.deepEqual(
    errorName(joining.coordinator.answer<JoinAnswer>(join)!.errorCode),
    'UNKNOWN_MEMBER_ID',
  )
  const syncing = sceneIn('completing-rebalance')
  const sync = syncing.coordinator.sync(syncing.follower, syncing.generation)
  syncing.coordinator.leave([{ memberId: syncing.follower }])
  assert.deepEqual(
    errorName(syncing.coordinator.answer<SyncAnswer>(sync)!.errorCode),
    'UNKNOWN_MEMBER_ID',
  )
})

test('who leaves has no session timer any more', () => {
  const { coordinator, leader, follower } = sceneIn('stable')
  coordinator.leave([{ memberId: leader }, { memberId: follower }])
  assert.deepEqual([...coordinator.timers.keys()], [])
})
