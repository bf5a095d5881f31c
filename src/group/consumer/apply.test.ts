import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ConsumerGroupRecord } from '../records.ts'
import { applyConsumer } from './apply.ts'
import {
  GROUP,
  plainHeld,
  refusal,
  replayed,
  TestCoordinator,
  told,
  topicId,
} from './coordinator-for-test.ts'
import { emptyConsumerGroup, type MemberState } from './group.ts'
import { groupRecords, groupTombstones, memberTombstones } from './records.ts'

const books = topicId('books')

/** What is left of records when each key's last one is kept, and tombstones until they are old. */
function compacted(
  records: readonly ConsumerGroupRecord[],
  keepTombstones: boolean,
): readonly ConsumerGroupRecord[] {
  const last = new Map<string, ConsumerGroupRecord>()
  for (const record of records) {
    const key = JSON.stringify([record.type, record.key])
    last.delete(key)
    last.set(key, record)
  }
  return [...last.values()].filter(({ value }) => keepTombstones || value !== null)
}

const memberIds = ['a', 'b', 'c']
const step = fc.record({
  memberId: fc.constantFrom(...memberIds),
  act: fc.constantFrom('join', 'beat', 'leave', 'rest'),
  topics: fc.subarray(['books', 'films']),
  regex: fc.constantFrom(null, '', 'b.*', 'f.*'),
})

/** A group of members that come, go and change their minds. */
function walk(steps: readonly (typeof step extends fc.Arbitrary<infer S> ? S : never)[]) {
  const settings = { group: { 'consumer.assignment.interval.ms': 0 } }
  const coordinator = new TestCoordinator({ books: 3, films: 2 }, settings)
  for (const { memberId, act, topics, regex } of steps) {
    const member = coordinator.member(memberId)
    if (act === 'rest') coordinator.advance(15_000)
    else if (act === 'join') coordinator.join(memberId, { topics, regex })
    else if (member === undefined) continue
    else if (act === 'leave') coordinator.leave(memberId)
    else {
      coordinator.heartbeat(memberId, member.memberEpoch, {
        subscribedTopicNames: topics,
        topicPartitions: [...member.assigned].map(([id, epochs]) => ({
          topicId: id,
          partitions: [...epochs.keys()],
        })),
      })
    }
  }
  return coordinator
}

test('records alone make the same group again, also compacted, with or without old tombstones', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.nat(), (steps, cut) => {
      const { group, records } = walk(steps)
      assert.deepEqual(told(replayed(records)), told(group))
      const head = records.slice(0, cut % (records.length + 1))
      const tail = records.slice(head.length)
      for (const keepTombstones of [true, false]) {
        const read = [...compacted(head, keepTombstones), ...tail]
        assert.deepEqual(told(replayed(read)), told(group))
        assert.deepEqual(told(replayed(compacted(records, keepTombstones))), told(group))
      }
    }),
  )
})

test('all records of a group make the same group, and its tombstones leave nothing', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const { group } = walk(steps)
      if (group === undefined) return
      const patterns = group.regexes.size > 0
      if (!patterns) assert.deepEqual(told(replayed(groupRecords(group))), told(group))
      assert.equal(replayed([...groupRecords(group), ...groupTombstones(group)]), undefined)
    }),
  )
})

test('a group ends with what members have, then shall have, then are, and itself last', () => {
  const coordinator = new TestCoordinator({ books: 1 })
  coordinator.join('a', { regex: 'b.*' })
  assert.deepEqual(
    groupTombstones(coordinator.group!).map(({ type }) => type),
    [
      'consumer-current',
      'consumer-target-member',
      'consumer-target',
      'consumer-member',
      'consumer-regex',
      'consumer-partition-metadata',
      'consumer-group',
    ],
  )
})

test('a tombstone of what is not there changes nothing', () => {
  const group = emptyConsumerGroup(GROUP)
  const tombstones = [...memberTombstones(GROUP, 'nobody')]
  for (const record of tombstones) {
    assert.equal(applyConsumer(undefined, record), undefined)
    assert.deepEqual(told(applyConsumer(group, record)), told(group))
  }
})

/** A record of what a member has, as its fields lie in the log. */
function current(
  state: number,
  memberEpoch: number,
  assignmentEpochs: readonly number[] | null,
): ConsumerGroupRecord {
  return {
    type: 'consumer-current',
    key: { groupId: GROUP, memberId: 'a' },
    value: {
      memberEpoch,
      previousMemberEpoch: 1,
      state,
      assignedPartitions: [{ topicId: books, partitions: [0, 1], assignmentEpochs }],
      partitionsPendingRevocation: [],
    },
  }
}

test('partitions without epochs, as Kafka before 4.2 wrote them, are as old as their member', () => {
  const epochsOf = (memberEpoch: number, epochs: readonly number[] | null) =>
    plainHeld(replayed([current(0, memberEpoch, epochs)])!.members.get('a')!.assigned)[books]
  assert.deepEqual(epochsOf(5, [3, 4]), { 0: 3, 1: 4 })
  assert.deepEqual(epochsOf(5, null), { 0: 5, 1: 5 })
  assert.deepEqual(epochsOf(5, [3]), { 0: 5, 1: 5 })
  assert.deepEqual(epochsOf(-2, null), { 0: 0, 1: 0 })
})

const states: readonly (readonly [code: number, state: MemberState])[] = [
  [0, 'stable'],
  [1, 'unrevoked-partitions'],
  [2, 'unreleased-partitions'],
  [3, 'unknown'],
  [127, 'unknown'],
]

for (const [code, state] of states) {
  test(`state ${code} of a record reads as ${state}`, () => {
    assert.equal(replayed([current(code, 5, null)])!.members.get('a')!.state, state)
  })
}

test('a member in a state that only a newer version knows is fenced until it holds nothing', () => {
  const coordinator = new TestCoordinator({ books: 2 })
  coordinator.join('a')
  coordinator.carryOut([{ type: 'append', record: current(9, 2, null) }])
  const hold = [{ topicId: books, partitions: [0] }]
  for (const topicPartitions of [null, hold]) {
    const act = () => coordinator.heartbeat('a', 2, { topicPartitions })
    assert.equal(refusal(act), 'FENCED_MEMBER_EPOCH')
  }
  assert.equal(coordinator.join('a').errorCode, 0)
  assert.equal(coordinator.member('a')!.state, 'stable')
})

test('what Kafka 4.0 recorded of the topics is ended with the next look at them', () => {
  const coordinator = new TestCoordinator({ books: 1 })
  coordinator.join('a')
  coordinator.carryOut([
    {
      type: 'append',
      record: {
        type: 'consumer-partition-metadata',
        key: { groupId: GROUP },
        value: { topics: [] },
      },
    },
  ])
  coordinator.heartbeat('a', 2)
  assert.ok(coordinator.group!.hasPartitionMetadata)
  coordinator.reload()
  coordinator.heartbeat('a', 2)
  assert.ok(!coordinator.group!.hasPartitionMetadata)
  assert.equal(coordinator.records.at(-1)!.value, null)
})
