import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorName } from '../../protocol/errors.ts'
import type { TxnOffsetCommitEvent } from '../events.ts'
import { callerOf, NOBODY, refusalOf, type TestMember, TestShard } from '../shard-for-test.ts'

const PRODUCER_ID = 7
type Request = TxnOffsetCommitEvent['request']

function shardWithTopic(settings: ConstructorParameters<typeof TestShard>[0] = {}): TestShard {
  const s = new TestShard(settings)
  s.changeTopic('t', 4)
  return s
}

/** Commits offset 5 of `t-0` in a transaction. @returns the name of the partition's error. */
function commit(
  s: TestShard,
  { memberId, generation }: TestMember = NOBODY,
  more: Partial<Request> = {},
  metadata: string | null = null,
): string {
  const partition = { partitionIndex: 0, committedOffset: 5, committedLeaderEpoch: 3 }
  const { topics } = s.submit({
    type: 'txn-offset-commit',
    caller: callerOf(5),
    request: {
      transactionalId: 'tx',
      groupId: 'g',
      producerId: PRODUCER_ID,
      producerEpoch: 0,
      generationId: generation,
      memberId,
      groupInstanceId: null,
      topics: [{ name: 't', partitions: [{ ...partition, committedMetadata: metadata }] }],
      ...more,
    },
  })
  return errorName(topics[0]!.partitions[0]!.errorCode)
}

test('offsets pend until their transaction is committed, also for a coordinator that comes after', () => {
  const s = shardWithTopic()
  assert.equal(commit(s), 'NONE')
  assert.deepEqual(s.offsetsOf('g'), {})
  assert.ok(s.shard.offsets.isOpen('g', 't', 0))
  assert.ok(s.reloaded().offsets.isOpen('g', 't', 0))
  s.endTransaction(PRODUCER_ID, true)
  assert.deepEqual(s.offsetsOf('g'), { 't-0': 5 })
  assert.ok(!s.shard.offsets.isOpen('g', 't', 0))
})

test('offsets of an aborted transaction never count', () => {
  const s = shardWithTopic()
  s.commit('g', 't', { 0: 1 })
  commit(s)
  s.endTransaction(PRODUCER_ID, false)
  assert.deepEqual(s.offsetsOf('g'), { 't-0': 1 })
})

test('who names neither member nor generation may commit, whoever is in the group', () => {
  for (const join of [
    (s: TestShard) => s.joinClassic('g', ['t']),
    (s: TestShard) => s.joinConsumer('g', ['t']),
  ]) {
    const s = shardWithTopic()
    join(s)
    assert.equal(commit(s), 'NONE')
  }
})

test('who names a member has to be it, in its generation', () => {
  const s = shardWithTopic()
  const member = s.joinClassic('g', ['t'])
  assert.equal(commit(s, member), 'NONE')
  const { generation } = member
  const refused = [
    ['UNKNOWN_MEMBER_ID', { ...member, memberId: 'other' }],
    ['UNKNOWN_MEMBER_ID', { ...member, memberId: '' }],
    ['ILLEGAL_GENERATION', { ...member, generation: generation + 1 }],
    ['ILLEGAL_GENERATION', { ...member, generation: -1 }],
  ] as const
  for (const [error, by] of refused) {
    assert.equal(
      refusalOf(() => commit(s, by)),
      error,
    )
  }
})

test('members of the consumer protocol are told of generations, not of epochs', () => {
  const s = shardWithTopic()
  const member = s.joinConsumer('g', ['t'])
  assert.equal(commit(s, member), 'NONE')
  const later = { ...member, generation: member.generation + 1 }
  assert.equal(
    refusalOf(() => commit(s, later)),
    'ILLEGAL_GENERATION',
  )
  assert.equal(
    refusalOf(() => commit(s, { ...member, memberId: 'other' })),
    'UNKNOWN_MEMBER_ID',
  )
})

test('a generation of a group that nobody knows is none', () => {
  const s = shardWithTopic()
  assert.equal(
    refusalOf(() => commit(s, { memberId: 'm', generation: 0 })),
    'ILLEGAL_GENERATION',
  )
})

test('metadata that is too long refuses its partition alone', () => {
  const s = shardWithTopic({ 'offset.metadata.max.bytes': 3 })
  assert.equal(commit(s, NOBODY, {}, 'long'), 'OFFSET_METADATA_TOO_LARGE')
  assert.equal(s.log.length, 0)
  assert.equal(commit(s, NOBODY, {}, 'abc'), 'NONE')
})
