import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  GROUP,
  type HeartbeatAnswer,
  plain,
  plainHeld,
  refusal,
  TestCoordinator,
  topicId,
} from './coordinator-for-test.ts'
import type { ConsumerMember } from './group.ts'

const books = topicId('books')
const films = topicId('films')

/** Partitions by topic that an answer gives; null when it gives none. */
function given({ assignment }: HeartbeatAnswer): object | null {
  if (!assignment) return null
  return plain(new Map(assignment.topicPartitions.map((t) => [t.topicId, t.partitions])))
}

/** What a member says it holds, when it holds what it was given. */
const holding = ({ assigned }: ConsumerMember) => ({
  topicPartitions: [...assigned].map(([id, epochs]) => ({
    topicId: id,
    partitions: [...epochs.keys()],
  })),
})

/** Everybody heartbeats and does as told until nobody is moved any more. */
function settle(coordinator: TestCoordinator): void {
  coordinator.advance(1000)
  for (let round = 0; round < 4; round++) {
    for (const member of coordinator.group!.members.values()) {
      coordinator.heartbeat(member.memberId, member.memberEpoch, holding(member))
    }
  }
}

const kinds = (coordinator: TestCoordinator, from = 0): readonly string[] =>
  coordinator.records.slice(from).map(({ type, value }) => (value === null ? `${type} ends` : type))

test('the first member gets everything with the first answer', () => {
  const coordinator = new TestCoordinator({ books: 3 })
  assert.deepEqual(coordinator.join('a'), {
    errorCode: 0,
    memberId: 'a',
    memberEpoch: 2,
    heartbeatIntervalMs: 5000,
    assignment: { topicPartitions: [{ topicId: books, partitions: [0, 1, 2] }] },
  })
})

test('a join writes the member, the epoch, the target and what it has, in this order', () => {
  const coordinator = new TestCoordinator({ books: 3 })
  coordinator.join('a')
  assert.deepEqual(kinds(coordinator), [
    'consumer-member',
    'consumer-group',
    'consumer-target-member',
    'consumer-target',
    'consumer-current',
  ])
})

test('a client of version 0 is given its id', () => {
  const coordinator = new TestCoordinator({ books: 1 })
  const { memberId } = coordinator.join('', { version: 0 })
  assert.equal(memberId, 'fresh-1')
  assert.ok(coordinator.member('fresh-1'))
})

test('a heartbeat that says nothing new writes nothing and gives no assignment', () => {
  const coordinator = new TestCoordinator({ books: 3 })
  coordinator.join('a')
  const { group } = coordinator
  const count = coordinator.records.length
  assert.equal(given(coordinator.heartbeat('a', 2)), null)
  assert.equal(coordinator.records.length, count)
  assert.equal(coordinator.group, group)
})

test('a full heartbeat, as after an error, is told the assignment though it did not change', () => {
  const coordinator = new TestCoordinator({ books: 2 })
  coordinator.join('a')
  const all = { rebalanceTimeoutMs: 60_000, ...holding(coordinator.member('a')!) }
  assert.equal(given(coordinator.heartbeat('a', 2, all)), null)
  const byNames = { ...all, subscribedTopicNames: ['books'] }
  assert.deepEqual(given(coordinator.heartbeat('a', 2, byNames)), { [books]: [0, 1] })
  const byPattern = { ...all, subscribedTopicRegex: '' }
  assert.deepEqual(given(coordinator.heartbeat('a', 2, byPattern)), { [books]: [0, 1] })
})

test('a partition goes over only when its holder says that it gave it up', () => {
  const coordinator = new TestCoordinator({ books: 2 })
  coordinator.join('a')
  coordinator.advance(1000)
  const joined = coordinator.join('b')
  assert.equal(joined.memberEpoch, 3)
  assert.deepEqual(given(joined), {})
  assert.equal(coordinator.member('b')?.state, 'unreleased-partitions')

  const told = coordinator.heartbeat('a', 2)
  assert.equal(told.memberEpoch, 2)
  assert.deepEqual(given(told), { [books]: [0] })
  assert.equal(given(coordinator.heartbeat('b', 3)), null)
  assert.equal(given(coordinator.heartbeat('a', 2)), null)

  const confirmed = coordinator.heartbeat('a', 2, holding(coordinator.member('a')!))
  assert.equal(confirmed.memberEpoch, 3)
  assert.deepEqual(given(coordinator.heartbeat('b', 3)), { [books]: [1] })
  assert.equal(coordinator.member('b')?.state, 'stable')
})

test('what a member keeps, it keeps in the epoch in which it got it', () => {
  const coordinator = new TestCoordinator({ books: 2 })
  coordinator.join('a')
  coordinator.advance(1000)
  coordinator.join('b')
  settle(coordinator)
  assert.deepEqual(plainHeld(coordinator.member('a')!.assigned), { [books]: { 0: 2 } })
  assert.deepEqual(plainHeld(coordinator.member('b')!.assigned), { [books]: { 1: 3 } })
})

test('a member takes back what it said once and leaves out the next time', () => {
  const coordinator = new TestCoordinator({ books: 1 })
  coordinator.join('a', { rackId: 'left', assignor: 'range', rebalanceTimeoutMs: 7000 })
  coordinator.heartbeat('a', 2, {})
  const { rackId, serverAssignor, rebalanceTimeoutMs, subscribedTopicNames } =
    coordinator.member('a')!
  assert.deepEqual(
    { rackId, serverAssignor, rebalanceTimeoutMs, subscribedTopicNames },
    {
      rackId: 'left',
      serverAssignor: 'range',
      rebalanceTimeoutMs: 7000,
      subscribedTopicNames: ['books'],
    },
  )
})

test('topics are subscribed to in order and once, however they are named', () => {
  const coordinator = new TestCoordinator({ books: 1, films: 1 })
  coordinator.join('a', { topics: ['films', 'books', 'films'] })
  const count = coordinator.records.length
  coordinator.heartbeat('a', 2, { subscribedTopicNames: ['books', 'films'] })
  assert.equal(coordinator.records.length, count)
  assert.deepEqual(coordinator.member('a')!.subscribedTopicNames, ['books', 'films'])
})

test('only a new subscription begins a new epoch, other news of a member do not', () => {
  const coordinator = new TestCoordinator({ books: 2, films: 2 })
  coordinator.join('a')
  const { epoch } = coordinator.group!
  coordinator.heartbeat('a', 2, { rackId: 'right', serverAssignor: 'range' }, { clientId: 'other' })
  assert.equal(coordinator.group!.epoch, epoch)
  assert.equal(coordinator.member('a')!.clientId, 'other')
  coordinator.heartbeat('a', 2, { subscribedTopicNames: ['films'] })
  assert.equal(coordinator.group!.epoch, epoch + 1)
})

test('a member that drops a topic gives it up before anybody computes a new target', () => {
  const coordinator = new TestCoordinator({ books: 2, films: 2 })
  coordinator.join('a', { topics: ['books', 'films'] })
  const answer = coordinator.heartbeat('a', 2, { subscribedTopicNames: ['films'] })
  assert.equal(coordinator.group!.targetEpoch, 2)
  assert.deepEqual(given(answer), { [films]: [0, 1] })
  assert.equal(coordinator.member('a')!.state, 'unrevoked-partitions')
})

test('a topic that comes, grows or goes is noticed with the next heartbeat', () => {
  const coordinator = new TestCoordinator({ books: 1 })
  coordinator.join('a', { topics: ['books', 'films'] })
  const epochs = [coordinator.group!.epoch]
  const next = (act: () => void): void => {
    coordinator.advance(1000)
    act()
    settle(coordinator)
    epochs.push(coordinator.group!.epoch)
  }
  next(() => coordinator.setTopic('films', 1))
  assert.deepEqual(plain(coordinator.group!.target.get('a')!), { [books]: [0], [films]: [0] })
  next(() => coordinator.setTopic('films', 2))
  assert.deepEqual(plain(coordinator.group!.target.get('a')!), { [books]: [0], [films]: [0, 1] })
  next(() => coordinator.setTopic('books', 0))
  assert.deepEqual(plain(coordinator.group!.target.get('a')!), { [films]: [0, 1] })
  next(() => coordinator.setTopic('others', 1))
  assert.deepEqual(epochs, [2, 3, 4, 5, 5])
})

test('a topic that was deleted and made again is another one', () => {
  const coordinator = new TestCoordinator({ books: 1 })
  coordinator.join('a')
  coordinator.advance(1000)
  coordinator.setTopic('books', 1, topicId('books', 1))
  settle(coordinator)
  assert.deepEqual(plainHeld(coordinator.member('a')!.assigned), {
    [topicId('books', 1)]: { 0: 3 },
  })
})

test('a full group takes nobody in, and tells its own members nothing of it', () => {
  const settings = { broker: { 'group.consumer.max.size': 2 } }
  const coordinator = new TestCoordinator({ books: 4 }, settings)
  coordinator.join('a')
  coordinator.join('b')
  assert.equal(
    refusal(() => coordinator.join('c')),
    'GROUP_MAX_SIZE_REACHED',
  )
  assert.equal(
    refusal(() => coordinator.join('', { version: 0 })),
    'GROUP_MAX_SIZE_REACHED',
  )
  assert.equal(
    refusal(() => coordinator.join('b')),
    undefined,
  )
})

test('only a join makes a group', () => {
  const coordinator = new TestCoordinator({ books: 1 })
  for (const epoch of [1, -1]) {
    const error = refusal(() => coordinator.heartbeat('a', epoch))
    assert.equal(error, 'GROUP_ID_NOT_FOUND')
  }
  assert.equal(coordinator.group, undefined)
})

test('members hear the heartbeat interval of their group', () => {
  const settings = { group: { 'consumer.heartbeat.interval.ms': 7000 } }
  const coordinator = new TestCoordinator({ books: 1 }, settings)
  assert.equal(coordinator.join('a').heartbeatIntervalMs, 7000)
})

test('a member of the classic protocol that speaks the new one is one of the new from then on', () => {
  const coordinator = new TestCoordinator({ books: 1 })
  coordinator.carryOut([
    {
      type: 'append',
      record: {
        type: 'consumer-member',
        key: { groupId: GROUP, memberId: 'a' },
        value: {
          instanceId: null,
          rackId: null,
          clientId: 'old',
          clientHost: '/127.0.0.1',
          subscribedTopicNames: ['books'],
          subscribedTopicRegex: '',
          rebalanceTimeoutMs: 1000,
          serverAssignor: null,
          classicMemberMetadata: { sessionTimeoutMs: 5, supportedProtocols: [] },
        },
      },
    },
  ])
  assert.equal(coordinator.group!.classicCount, 1)
  coordinator.join('a')
  assert.equal(coordinator.member('a')!.classic, null)
  assert.equal(coordinator.group!.classicCount, 0)
})
