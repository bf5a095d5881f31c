import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plain, TestCoordinator, topicId } from './coordinator-for-test.ts'
import { assignorName } from './target.ts'

const books = topicId('books')
const films = topicId('films')

/** Every member heartbeats and does as told, until nobody is moved any more. */
function settle(coordinator: TestCoordinator): void {
  for (let round = 0; round < 4; round++) {
    for (const member of coordinator.group!.members.values()) {
      coordinator.heartbeat(member.memberId, member.memberEpoch, {
        topicPartitions: [...member.assigned].map(([id, epochs]) => ({
          topicId: id,
          partitions: [...epochs.keys()],
        })),
      })
    }
  }
}

/** Member ids for whom a target was written from a record on. */
const targetsFrom = (coordinator: TestCoordinator, from: number) =>
  coordinator.records
    .slice(from)
    .flatMap(({ type, key }) => (type === 'consumer-target-member' ? [key.memberId] : []))

test('members that join within the assignment interval are assigned together', () => {
  const settings = { group: { 'consumer.assignment.interval.ms': 2000 } }
  const coordinator = new TestCoordinator({ books: 6 }, settings)
  coordinator.join('a')
  coordinator.advance(100)
  for (const memberId of ['b', 'c']) assert.equal(coordinator.join(memberId).memberEpoch, 2)
  assert.equal(coordinator.group!.targetEpoch, 2)
  coordinator.advance(1899)
  coordinator.heartbeat('b', 2)
  assert.equal(coordinator.group!.targetEpoch, 2)
  coordinator.advance(1)
  coordinator.heartbeat('b', 2)
  assert.equal(coordinator.group!.targetEpoch, 4)
  settle(coordinator)
  for (const member of coordinator.group!.members.values()) {
    assert.equal(member.assigned.get(books)?.size, 2)
  }
})

test('without an interval every change is assigned at once', () => {
  const settings = { group: { 'consumer.assignment.interval.ms': 0 } }
  const coordinator = new TestCoordinator({ books: 6 }, settings)
  for (const memberId of ['a', 'b', 'c']) coordinator.join(memberId)
  assert.equal(coordinator.group!.targetEpoch, 4)
})

test('a clock that was set back does not hold up the next assignment', () => {
  const coordinator = new TestCoordinator({ books: 6 })
  coordinator.join('a')
  coordinator.nowMs -= 500_000
  coordinator.join('b')
  assert.equal(coordinator.group!.targetEpoch, 3)
})

test('a target is written for those whose target changed, and for those who have none yet', () => {
  const coordinator = new TestCoordinator({ books: 2, films: 1 })
  coordinator.join('a', { topics: ['books'] })
  coordinator.advance(1000)
  let from = coordinator.records.length
  coordinator.join('b', { topics: ['films'] })
  assert.deepEqual(targetsFrom(coordinator, from), ['b'])
  coordinator.advance(1000)
  from = coordinator.records.length
  coordinator.join('c', { topics: ['unknown'] })
  assert.deepEqual(targetsFrom(coordinator, from), ['c'])
  assert.deepEqual(plain(coordinator.group!.target.get('c')!), {})
})

test('an empty group has no target until somebody joins again', () => {
  const coordinator = new TestCoordinator({ books: 2 })
  coordinator.join('a')
  coordinator.advance(1000)
  coordinator.leave('a')
  assert.equal(coordinator.group!.target.size, 0)
  assert.equal(coordinator.group!.targetEpoch, 2)
  coordinator.join('b')
  assert.equal(coordinator.group!.targetEpoch, 4)
  assert.deepEqual(plain(coordinator.group!.target.get('b')!), { [books]: [0, 1] })
})

test('members have only partitions of what they subscribe to', () => {
  const coordinator = new TestCoordinator({ books: 3, films: 3 })
  coordinator.join('a', { topics: ['books'] })
  coordinator.join('b', { topics: ['films', 'unknown'] })
  coordinator.join('c', { topics: [], regex: '.*s' })
  coordinator.advance(1000)
  settle(coordinator)
  const topics = (memberId: string) => [...coordinator.group!.target.get(memberId)!.keys()]
  assert.deepEqual(topics('a'), [books])
  assert.deepEqual(topics('b'), [films])
  assert.deepEqual(topics('c').sort(), [books, films].sort())
})

/** What members ask for, and which assignor it comes to. */
const elections: readonly [asked: readonly (string | null)[], chosen: string][] = [
  [[null], 'uniform'],
  [['range'], 'range'],
  [[null, null, 'range'], 'range'],
  [['range', 'uniform'], 'uniform'],
  [['uniform', 'range', 'range'], 'range'],
]

for (const [asked, chosen] of elections) {
  test(`members that ask for ${asked.join(', ')} get ${chosen}`, () => {
    const coordinator = new TestCoordinator({ books: 5, films: 5 })
    asked.forEach((assignor, index) => {
      coordinator.join(`m${index}`, { assignor, topics: ['books', 'films'] })
    })
    assert.equal(assignorName(coordinator.group!, coordinator.world), chosen)
  })
}

test('of two that ask for one each, the one that speaks gets its assignor', () => {
  const coordinator = new TestCoordinator({ books: 2 })
  coordinator.join('a', { assignor: 'uniform' })
  coordinator.join('b', { assignor: 'range' })
  coordinator.join('c')
  const chosenBy = (speaker: string) => assignorName(coordinator.group!, coordinator.world, speaker)
  assert.deepEqual(['a', 'b', 'c'].map(chosenBy), ['uniform', 'range', 'uniform'])
})

test('the assignor that is offered first is the default, and one no longer offered has no vote', () => {
  const coordinator = new TestCoordinator({ books: 2 })
  coordinator.join('a', { assignor: 'uniform' })
  coordinator.settings = { broker: { 'group.consumer.assignors': ['range'] } }
  assert.equal(assignorName(coordinator.group!, coordinator.world), 'range')
})

test('the chosen assignor is the one that assigns', () => {
  const topics = ['books', 'films']
  const coordinator = new TestCoordinator({ books: 3, films: 3 })
  coordinator.join('a', { assignor: 'range', topics })
  coordinator.advance(1000)
  coordinator.join('b', { assignor: 'range', topics })
  // As many of each topic, where `uniform` would leave both members equally much of all.
  assert.deepEqual(plain(coordinator.group!.target.get('a')!), { [books]: [0, 1], [films]: [0, 1] })
  assert.deepEqual(plain(coordinator.group!.target.get('b')!), { [books]: [2], [films]: [2] })
})
