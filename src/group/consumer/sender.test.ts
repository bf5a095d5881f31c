import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ErrorName } from '../../protocol/errors.ts'
import { GROUP, plainHeld, refusal, TestCoordinator, topicId } from './coordinator-for-test.ts'
import type { NamedPartitions } from './partitions.ts'

const books = topicId('books')
const some = (...partitions: number[]): NamedPartitions => [{ topicId: books, partitions }]

/** Member `a` was in epoch 2 with four partitions, confirmed that it has two, and is in epoch 3. */
function aMovedOn(): TestCoordinator {
  const coordinator = new TestCoordinator({ books: 4 })
  coordinator.join('a')
  coordinator.advance(1000)
  coordinator.join('b')
  coordinator.heartbeat('a', 2)
  coordinator.heartbeat('a', 2, { topicPartitions: some(0, 1) })
  assert.equal(coordinator.member('a')?.memberEpoch, 3)
  return coordinator
}

type Row = readonly [
  rule: string,
  memberId: string,
  epoch: number,
  owned: NamedPartitions | null,
  error: ErrorName | undefined,
]

const rows: readonly Row[] = [
  ['the current epoch', 'a', 3, null, undefined],
  ['an epoch to come', 'a', 4, some(0, 1), 'FENCED_MEMBER_EPOCH'],
  ['the epoch before, holding what it has now', 'a', 2, some(0, 1), undefined],
  ['the epoch before, holding less', 'a', 2, some(1), undefined],
  ['the epoch before, holding nothing', 'a', 2, [], undefined],
  ['the epoch before, holding what it gave up', 'a', 2, some(0, 1, 2), 'FENCED_MEMBER_EPOCH'],
  ['the epoch before, not saying what it holds', 'a', 2, null, 'FENCED_MEMBER_EPOCH'],
  ['an epoch long gone', 'a', 1, [], 'FENCED_MEMBER_EPOCH'],
  ['a member that nobody knows', 'c', 3, null, 'UNKNOWN_MEMBER_ID'],
]

for (const [rule, memberId, epoch, owned, error] of rows) {
  test(`a heartbeat with ${rule}: ${error ?? 'accepted'}`, () => {
    const coordinator = aMovedOn()
    const count = coordinator.records.length
    const act = () => coordinator.heartbeat(memberId, epoch, { topicPartitions: owned })
    assert.equal(refusal(act), error)
    if (error !== undefined) assert.equal(coordinator.records.length, count)
  })
}

test('a member that joins again goes on where it was and is told what it has', () => {
  const coordinator = aMovedOn()
  const answer = coordinator.join('a')
  assert.equal(answer.memberEpoch, 3)
  assert.deepEqual(answer.assignment?.topicPartitions, some(0, 1))
})

/** `a` is the static member `one`, alone with both partitions. */
function staticGroup(): TestCoordinator {
  const coordinator = new TestCoordinator({ books: 2 })
  coordinator.join('a', { instanceId: 'one' })
  coordinator.advance(1000)
  return coordinator
}

test('an instance id that is in use is not given to another member', () => {
  const coordinator = staticGroup()
  for (const memberId of ['b', 'a']) {
    const error = refusal(() => coordinator.join(memberId, { instanceId: 'one' }))
    assert.equal(error, 'UNRELEASED_INSTANCE_ID')
  }
})

test('a static member that leaves for a while keeps its place, and nobody else gets it', () => {
  const coordinator = staticGroup()
  const { epoch } = coordinator.group!
  const answer = coordinator.leave('a', -2, 'one')
  assert.deepEqual(answer, {
    errorCode: 0,
    memberId: 'a',
    memberEpoch: -2,
    heartbeatIntervalMs: 0,
  })
  assert.equal(coordinator.group!.epoch, epoch)
  assert.deepEqual(plainHeld(coordinator.member('a')!.assigned), { [books]: { 0: 0, 1: 0 } })
})

test('a static member comes back under another id to what it had, in the same epoch of the group', () => {
  const coordinator = staticGroup()
  const { epoch, targetEpoch } = coordinator.group!
  coordinator.leave('a', -2, 'one')
  const answer = coordinator.join('a2', { instanceId: 'one' })
  assert.equal(answer.memberEpoch, targetEpoch)
  assert.deepEqual(answer.assignment?.topicPartitions, some(0, 1))
  const { group } = coordinator
  assert.equal(group!.epoch, epoch)
  assert.deepEqual([...group!.members.keys()], ['a2'])
  assert.equal(group!.staticMembers.get('one'), 'a2')
  assert.deepEqual([...group!.target.keys()], ['a2'])
  const timed = [...coordinator.timers.values()].map(({ event }) => 'memberId' in event && event)
  assert.deepEqual(timed, [{ type: 'consumer-session-expired', groupId: GROUP, memberId: 'a2' }])
})

test('a static member that comes back with other topics begins a new epoch', () => {
  const coordinator = staticGroup()
  coordinator.setTopic('films', 1)
  const { epoch } = coordinator.group!
  coordinator.leave('a', -2, 'one')
  coordinator.join('a2', { instanceId: 'one', topics: ['films'] })
  assert.equal(coordinator.group!.epoch, epoch + 1)
})

test('the member that was replaced is fenced', () => {
  const coordinator = staticGroup()
  coordinator.leave('a', -2, 'one')
  coordinator.join('a2', { instanceId: 'one' })
  const late = () => coordinator.heartbeat('a', 2, { instanceId: 'one' })
  assert.equal(refusal(late), 'FENCED_INSTANCE_ID')
  assert.equal(
    refusal(() => coordinator.leave('a', -1, 'one')),
    'FENCED_INSTANCE_ID',
  )
  assert.equal(
    refusal(() => coordinator.heartbeat('a', 2)),
    'UNKNOWN_MEMBER_ID',
  )
})

test('an instance id that nobody has is unknown, save to a join', () => {
  const coordinator = staticGroup()
  const beat = () => coordinator.heartbeat('a', 2, { instanceId: 'two' })
  assert.equal(refusal(beat), 'UNKNOWN_MEMBER_ID')
  assert.equal(
    refusal(() => coordinator.leave('a', -1, 'two')),
    'UNKNOWN_MEMBER_ID',
  )
  assert.equal(coordinator.join('b', { instanceId: 'two' }).errorCode, 0)
})

test('a static member that leaves for good is gone at once', () => {
  const coordinator = staticGroup()
  coordinator.leave('a', -1, 'one')
  assert.equal(coordinator.group!.members.size, 0)
  assert.equal(coordinator.group!.staticMembers.size, 0)
  assert.equal(coordinator.group!.holders.size, 0)
})
