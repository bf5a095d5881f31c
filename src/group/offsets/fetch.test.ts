import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errors } from '../../protocol/errors.ts'
import { ZERO_UUID } from '../../protocol/primitives.ts'
import { refusalOf, TestShard, topicId } from '../shard-for-test.ts'
import type { OffsetQuestion } from './fetch.ts'

function shardWith(): TestShard {
  const s = new TestShard()
  s.changeTopic('t', 4)
  s.changeTopic('u', 1)
  s.commit('g', 't', { 0: 5, 2: 6 })
  s.commit('g', 'u', { 0: 7 })
  return s
}

/** Offset, or the error's code as text, by partition. */
function found(s: TestShard, groupId: string, question: Partial<OffsetQuestion>) {
  return s.fetch(groupId, question).map(({ name, partitions }) => {
    const told = partitions.map(({ partitionIndex, committedOffset, errorCode }) => {
      return [partitionIndex, errorCode === 0 ? committedOffset : `error ${errorCode}`] as const
    })
    return { name, ...Object.fromEntries(told) }
  })
}

const UNSTABLE = `error ${errors.UNSTABLE_OFFSET_COMMIT.code}`
const asked = { name: 't', topicId: ZERO_UUID, partitionIndexes: [2, 1, 0] }

test('null for the topics gives all offsets of the group, no topics give none', () => {
  const s = shardWith()
  assert.deepEqual(found(s, 'g', {}), [
    { name: 't', 0: 5, 2: 6 },
    { name: 'u', 0: 7 },
  ])
  assert.deepEqual(found(s, 'g', { topics: [] }), [])
})

test('partitions without an offset have -1, as has everything of an unknown group', () => {
  const s = shardWith()
  const nil = { ...asked, name: 'nil' }
  assert.deepEqual(found(s, 'g', { topics: [asked, nil] }), [
    { name: 't', 0: 5, 1: -1, 2: 6 },
    { name: 'nil', 0: -1, 1: -1, 2: -1 },
  ])
  assert.deepEqual(found(s, 'unknown', { topics: [asked] }), [{ name: 't', 0: -1, 1: -1, 2: -1 }])
  assert.deepEqual(found(s, 'unknown', {}), [])
})

test('partitions are answered in the order of the question', () => {
  const [topic] = shardWith().fetch('g', { topics: [asked] })
  assert.deepEqual(
    topic?.partitions.map(({ partitionIndex }) => partitionIndex),
    asked.partitionIndexes,
  )
})

const ids: readonly (readonly [what: string, asked: string, offset: number])[] = [
  ['the topic’s id', topicId('t'), 5],
  ['no id', ZERO_UUID, 5],
  ['the id of another topic of its name', topicId('t', 1), -1],
]
for (const [what, id, offset] of ids) {
  test(`${what} finds ${offset}`, () => {
    const topics = [{ name: 't', topicId: id, partitionIndexes: [0] }]
    assert.deepEqual(found(shardWith(), 'g', { topics }), [{ name: 't', 0: offset }])
  })
}

test('a stable read does not tell of partitions that an open transaction may change', () => {
  const s = shardWith()
  s.commitIn(7, 'g', 't', 50)
  s.commitIn(7, 'g', 't', 51, 1)
  const all = { name: 't', 0: 5, 2: 6 }
  assert.deepEqual(found(s, 'g', { topics: [asked] }), [{ ...all, 1: -1 }])
  const stable = { requireStable: true }
  assert.deepEqual(found(s, 'g', { topics: [asked], ...stable }), [
    { ...all, 0: UNSTABLE, 1: UNSTABLE },
  ])
  assert.deepEqual(found(s, 'g', stable)[0], { ...all, 0: UNSTABLE })
  s.endTransaction(7, true)
  assert.deepEqual(found(s, 'g', { topics: [asked], ...stable }), [{ ...all, 0: 50, 1: 51 }])
})

test('members of a consumer group are asked who they are, others and nobody are not', () => {
  const s = shardWith()
  const { memberId, generation } = s.joinConsumer('c', ['t'])
  const rows = [
    [undefined, memberId, generation],
    [undefined, null, -1],
    ['UNKNOWN_MEMBER_ID', 'other', generation],
    ['UNKNOWN_MEMBER_ID', '', -1],
    ['STALE_MEMBER_EPOCH', memberId, generation + 1],
    ['STALE_MEMBER_EPOCH', memberId, -1],
  ] as const
  for (const [error, id, memberEpoch] of rows) {
    assert.equal(
      refusalOf(() => s.fetch('c', { memberId: id, memberEpoch })),
      error,
    )
    assert.equal(
      refusalOf(() => s.fetch('g', { memberId: id, memberEpoch })),
      undefined,
    )
  }
})
