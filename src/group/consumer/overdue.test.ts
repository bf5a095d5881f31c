import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refusal, TestCoordinator, topicId } from './coordinator-for-test.ts'

const books = topicId('books')

test('a member that is silent for the session timeout is removed', () => {
  const coordinator = new TestCoordinator({ books: 2 })
  coordinator.join('a')
  coordinator.advance(44_999)
  assert.ok(coordinator.member('a'))
  coordinator.advance(1)
  assert.equal(coordinator.member('a'), undefined)
  assert.equal(
    refusal(() => coordinator.heartbeat('a', 2)),
    'UNKNOWN_MEMBER_ID',
  )
})

test('every heartbeat begins the session anew', () => {
  const coordinator = new TestCoordinator({ books: 2 })
  coordinator.join('a')
  for (let beat = 0; beat < 5; beat++) {
    coordinator.advance(40_000)
    coordinator.heartbeat('a', 2)
  }
  assert.ok(coordinator.member('a'))
})

test('the session timeout is that of the group', () => {
  const settings = { group: { 'consumer.session.timeout.ms': 50_000 } }
  const coordinator = new TestCoordinator({ books: 2 }, settings)
  coordinator.join('a')
  coordinator.advance(49_999)
  assert.ok(coordinator.member('a'))
  coordinator.advance(1)
  assert.equal(coordinator.member('a'), undefined)
})

test('a heartbeat that is refused does not keep a session alive', () => {
  const coordinator = new TestCoordinator({ books: 2 })
  coordinator.join('a')
  coordinator.advance(40_000)
  refusal(() => coordinator.heartbeat('a', 9))
  coordinator.advance(5000)
  assert.equal(coordinator.member('a'), undefined)
})

test('a static member that does not come back within the session timeout is removed', () => {
  const coordinator = new TestCoordinator({ books: 2 })
  coordinator.join('a', { instanceId: 'one' })
  coordinator.leave('a', -2, 'one')
  coordinator.advance(45_000)
  assert.equal(coordinator.group!.members.size, 0)
})

/** `a`, with this rebalance timeout, was told to give a partition up. */
function aMustRevoke(rebalanceTimeoutMs: number): TestCoordinator {
  const coordinator = new TestCoordinator({ books: 2 })
  coordinator.join('a', { rebalanceTimeoutMs })
  coordinator.advance(1000)
  coordinator.join('b')
  coordinator.heartbeat('a', 2)
  assert.equal(coordinator.member('a')!.state, 'unrevoked-partitions')
  return coordinator
}

test('a member that heartbeats and does not give up in its rebalance timeout is removed', () => {
  const coordinator = aMustRevoke(20_000)
  for (let second = 0; second < 19; second++) {
    coordinator.advance(1000)
    coordinator.heartbeat('a', 2)
    coordinator.heartbeat('b', 3)
  }
  assert.ok(coordinator.member('a'))
  coordinator.advance(1000)
  assert.equal(coordinator.member('a'), undefined)
  coordinator.heartbeat('b', 3)
  assert.deepEqual(new Set(coordinator.member('b')!.assigned.get(books)!.keys()), new Set([0, 1]))
})

test('a member that gave up in time is not removed', () => {
  const coordinator = aMustRevoke(20_000)
  coordinator.advance(10_000)
  coordinator.heartbeat('a', 2, { topicPartitions: [{ topicId: books, partitions: [0] }] })
  coordinator.advance(30_000)
  assert.ok(coordinator.member('a'))
})

test('a late timer of an epoch that the member left does nothing', () => {
  const coordinator = aMustRevoke(20_000)
  const late = [...coordinator.timers.values()].find(
    ({ event }) => event.type === 'consumer-revocation-over',
  )!
  coordinator.heartbeat('a', 2, { topicPartitions: [{ topicId: books, partitions: [0] }] })
  coordinator.timers.set('late', late)
  coordinator.advance(20_000)
  assert.ok(coordinator.member('a'))
})

test('a member that leaves takes its timers along', () => {
  const coordinator = aMustRevoke(20_000)
  coordinator.leave('a')
  coordinator.leave('b')
  assert.equal(coordinator.timers.size, 0)
})

test('a group that was read from the log times its members anew', () => {
  const coordinator = aMustRevoke(20_000)
  coordinator.advance(15_000)
  coordinator.reload()
  const due = (memberId: string) =>
    [...coordinator.timers.values()]
      .filter(({ event }) => 'memberId' in event && event.memberId === memberId)
      .map(({ event, dueMs }) => [event.type, dueMs - coordinator.nowMs])
  assert.deepEqual(due('a'), [
    ['consumer-session-expired', 45_000],
    ['consumer-revocation-over', 20_000],
  ])
  assert.deepEqual(due('b'), [['consumer-session-expired', 45_000]])
})

test('members whose time is over leave the group in a new epoch, and an empty group stays', () => {
  const coordinator = new TestCoordinator({ books: 2 })
  coordinator.join('a')
  const { epoch } = coordinator.group!
  coordinator.advance(45_000)
  assert.equal(coordinator.group!.epoch, epoch + 1)
  assert.equal(coordinator.group!.metadataHash, 0n)
  assert.deepEqual(
    coordinator.records.slice(-4).map(({ type, value }) => [type, value === null]),
    [
      ['consumer-current', true],
      ['consumer-target-member', true],
      ['consumer-member', true],
      ['consumer-group', false],
    ],
  )
})
