import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plainHeld, refusal, TestCoordinator, topicId } from './coordinator-for-test.ts'

const books = topicId('books')
const blogs = topicId('blogs')

const matched = (coordinator: TestCoordinator, regex: string) =>
  [...(coordinator.group!.regexes.get(regex)?.topics ?? ['unresolved'])].sort()

/** Ms after which patterns may be resolved again. */
const SHORTEST_MS = 10_000

test('a member that joins by a pattern is assigned what it matches with the first answer', () => {
  const coordinator = new TestCoordinator({ books: 1, blogs: 1, films: 1 })
  coordinator.join('a', { topics: null, regex: 'b.*' })
  assert.deepEqual(matched(coordinator, 'b.*'), ['blogs', 'books'])
  assert.deepEqual(plainHeld(coordinator.member('a')!.assigned), {
    [books]: { 0: 2 },
    [blogs]: { 0: 2 },
  })
})

test('a pattern that is none is refused, and the group stays as it was', () => {
  const coordinator = new TestCoordinator({ books: 1 })
  coordinator.join('a')
  const { group } = coordinator
  const join = () => coordinator.join('b', { regex: 'b(' })
  assert.equal(refusal(join), 'INVALID_REGULAR_EXPRESSION')
  const change = () => coordinator.heartbeat('a', 2, { subscribedTopicRegex: '[' })
  assert.equal(refusal(change), 'INVALID_REGULAR_EXPRESSION')
  assert.equal(coordinator.group, group)
})

test('a pattern that matches nothing yet gives a member without partitions', () => {
  const coordinator = new TestCoordinator({ books: 1 })
  const { memberEpoch } = coordinator.join('a', { topics: null, regex: 'x.*' })
  assert.equal(memberEpoch, 1)
  assert.deepEqual(matched(coordinator, 'x.*'), [])
  assert.equal(coordinator.group!.epoch, 1)
})

test('names and pattern together are all topics of both', () => {
  const coordinator = new TestCoordinator({ books: 1, films: 1, songs: 1 })
  coordinator.join('a', { topics: ['films'], regex: 'b.*' })
  const ids = [...coordinator.member('a')!.assigned.keys()].sort()
  assert.deepEqual(ids, [books, topicId('films')].sort())
})

test('new topics are found with the next heartbeat, but no sooner than after ten seconds', () => {
  const coordinator = new TestCoordinator({ books: 1 })
  coordinator.join('a', { topics: null, regex: 'b.*' })
  coordinator.setTopic('blogs', 1)
  coordinator.advance(SHORTEST_MS)
  coordinator.heartbeat('a', 2)
  assert.deepEqual(matched(coordinator, 'b.*'), ['books'])
  coordinator.advance(1)
  coordinator.heartbeat('a', 2)
  assert.deepEqual(matched(coordinator, 'b.*'), ['blogs', 'books'])
  assert.equal(coordinator.group!.epoch, 3)
})

test('while no topic comes, patterns rest until the refresh interval is over', () => {
  const intervalMs = 60_000 // two heartbeats, each within the session timeout
  const settings = { broker: { 'group.consumer.regex.refresh.interval.ms': intervalMs } }
  const coordinator = new TestCoordinator({ books: 1 }, settings)
  coordinator.join('a', { topics: null, regex: 'b.*' })
  const resolvedAt = () => coordinator.group!.regexes.get('b.*')!.timestampMs
  const firstMs = resolvedAt()
  for (const [afterMs, isResolved] of [
    [intervalMs / 2, false],
    [intervalMs / 2, false],
    [1, true],
  ] as const) {
    coordinator.advance(afterMs)
    coordinator.heartbeat('a', 2)
    assert.equal(resolvedAt() > firstMs, isResolved)
  }
  assert.equal(coordinator.group!.epoch, 2)
})

test('a second pattern within ten seconds waits for its turn, and keeps its member without topics', () => {
  const coordinator = new TestCoordinator({ books: 2, films: 1 })
  coordinator.join('a', { topics: null, regex: 'b.*' })
  coordinator.advance(1000)
  coordinator.join('b', { topics: null, regex: 'f.*' })
  assert.deepEqual(matched(coordinator, 'f.*'), ['unresolved'])
  coordinator.advance(SHORTEST_MS)
  coordinator.heartbeat('a', 2)
  assert.deepEqual(matched(coordinator, 'f.*'), ['films'])
  const { memberEpoch } = coordinator.member('b')!
  coordinator.heartbeat('b', memberEpoch)
  assert.deepEqual([...coordinator.member('b')!.assigned.keys()], [topicId('films')])
})

test('a member that takes over a pattern of others is assigned at once', () => {
  const coordinator = new TestCoordinator({ books: 2, films: 2 })
  coordinator.join('a', { topics: null, regex: 'b.*' })
  coordinator.advance(1000)
  const { epoch } = coordinator.group!
  coordinator.join('b', { topics: null, regex: 'b.*' })
  assert.equal(coordinator.group!.epoch, epoch + 1)
  assert.equal(coordinator.group!.regexSubscribers.get('b.*'), 2)
})

test('what a pattern matched is forgotten with its last member', () => {
  const coordinator = new TestCoordinator({ books: 2 })
  for (const memberId of ['a', 'b']) coordinator.join(memberId, { topics: null, regex: 'b.*' })
  coordinator.leave('a')
  assert.deepEqual(matched(coordinator, 'b.*'), ['books'])
  coordinator.leave('b')
  const { regexes, topicSubscribers, metadataHash } = coordinator.group!
  assert.equal(regexes.size + topicSubscribers.size, 0)
  assert.equal(metadataHash, 0n)
})

test('a member that changes its pattern lets go of the old one', () => {
  const coordinator = new TestCoordinator({ books: 2, films: 2 })
  coordinator.join('a', { topics: null, regex: 'b.*' })
  coordinator.advance(SHORTEST_MS + 1)
  coordinator.heartbeat('a', 2, { subscribedTopicRegex: 'f.*' })
  assert.deepEqual([...coordinator.group!.regexes.keys()], ['f.*'])
  assert.deepEqual([...coordinator.group!.topicSubscribers.keys()], ['films'])
})

test('a member that goes from a pattern to names needs no resolving', () => {
  const coordinator = new TestCoordinator({ books: 2, films: 2 })
  coordinator.join('a', { topics: null, regex: 'b.*' })
  const { epoch } = coordinator.group!
  coordinator.advance(1000)
  coordinator.heartbeat('a', 2, { subscribedTopicRegex: '', subscribedTopicNames: ['books'] })
  assert.equal(coordinator.group!.epoch, epoch + 1)
  assert.equal(coordinator.group!.regexes.size, 0)
  assert.deepEqual(plainHeld(coordinator.member('a')!.assigned), { [books]: { 0: 2, 1: 2 } })
})

test('a group has at most a hundred different patterns', () => {
  const coordinator = new TestCoordinator({ books: 1 })
  const join = (index: number, regex: string) =>
    coordinator.join(`m${index}`, { topics: null, regex })
  for (let index = 0; index < 100; index++) join(index, `b{${index}}`)
  assert.equal(
    refusal(() => join(100, 'c.*')),
    'INVALID_REGULAR_EXPRESSION',
  )
  assert.equal(
    refusal(() => join(100, 'b{5}')),
    undefined,
  )
  assert.equal(coordinator.group!.regexSubscribers.size, 100)
})
