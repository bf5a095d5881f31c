import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ErrorName } from '../../protocol/errors.ts'
import { checkConsumerCommit, checkConsumerFetch } from './commit-check.ts'
import { refusal, topicId } from './coordinator-for-test.ts'
import { withMember } from './derived.ts'
import { type ConsumerGroup, emptyConsumerGroup, newMember } from './group.ts'

const books = { name: 'books', topicId: topicId('books') }

const epochs = new Map([
  [0, 3],
  [1, 6],
])
/** Member `a` is in epoch 7. It has partition 0 since epoch 3 and 1 since 6, and must give up 2, which
 *  it has since 5. `old` is the same in the classic protocol. */
const group: ConsumerGroup = ['a', 'old'].reduce(
  (rest, memberId) =>
    withMember(rest, undefined, {
      ...newMember(memberId),
      memberEpoch: 7,
      previousMemberEpoch: 6,
      classic: memberId === 'old' ? { sessionTimeoutMs: 1, protocols: [] } : null,
      assigned: new Map([[books.topicId, epochs]]),
      pendingRevocation: new Map([[books.topicId, new Map([[2, 5]])]]),
    }),
  emptyConsumerGroup('g'),
)

type Row = readonly [epoch: number, partition: number, refused: boolean]

const rows: readonly Row[] = [
  [7, 0, false],
  [7, 9, false],
  [8, 0, true],
  [6, 0, false],
  [6, 1, false],
  [5, 1, true],
  [5, 2, false],
  [4, 2, true],
  [3, 0, false],
  [2, 0, true],
  [6, 9, true],
  [-1, 0, true],
]

for (const [memberId, error] of [
  ['a', 'STALE_MEMBER_EPOCH'],
  ['old', 'ILLEGAL_GENERATION'],
] as const) {
  for (const [memberEpoch, partition, refused] of rows) {
    const outcome = refused ? error : 'accepted'
    test(`${memberId} commits partition ${partition} in epoch ${memberEpoch}: ${outcome}`, () => {
      const act = () => commit({ memberId, memberEpoch })(books, partition)
      assert.equal(refusal(act), refused ? error : undefined)
    })
  }
}

interface Commit {
  readonly memberId?: string
  readonly memberEpoch?: number
  readonly apiVersion?: number
  readonly isTransactional?: boolean
  readonly instanceId?: string | null
}

function commit(over: Commit, of: ConsumerGroup = group) {
  return checkConsumerCommit(of, {
    memberId: 'a',
    memberEpoch: 7,
    instanceId: null,
    isTransactional: false,
    apiVersion: 9,
    ...over,
  })
}

const senders: readonly [rule: string, over: Commit, error: ErrorName | undefined][] = [
  ['a member that nobody knows', { memberId: 'b' }, 'UNKNOWN_MEMBER_ID'],
  ['somebody without a name', { memberId: '', memberEpoch: -1 }, 'UNKNOWN_MEMBER_ID'],
  ['a producer that names no member', nobody(true), undefined],
  ['a member that commits as the classic protocol does', { apiVersion: 8 }, 'UNSUPPORTED_VERSION'],
  ['a member of the classic protocol', { memberId: 'old', apiVersion: 8 }, undefined],
  ['a producer of a member', { isTransactional: true, apiVersion: 3 }, undefined],
]

for (const [rule, over, error] of senders) {
  test(`a commit by ${rule}: ${error ?? 'accepted'}`, () => {
    assert.equal(
      refusal(() => commit(over)),
      error,
    )
  })
}

test('anybody who is in no epoch may commit to a group that is empty', () => {
  const empty = emptyConsumerGroup('g')
  assert.equal(
    refusal(() => commit(nobody(false), empty)(books, 5)),
    undefined,
  )
  assert.equal(
    refusal(() => commit({ memberEpoch: 0 }, empty)),
    'UNKNOWN_MEMBER_ID',
  )
})

function nobody(isTransactional: boolean): Commit {
  return { memberId: '', memberEpoch: -1, isTransactional }
}

const fetches: readonly [memberId: string | null, epoch: number, error: ErrorName | undefined][] = [
  [null, -1, undefined],
  ['a', 7, undefined],
  ['a', 6, 'STALE_MEMBER_EPOCH'],
  ['a', 8, 'STALE_MEMBER_EPOCH'],
  ['old', 6, 'ILLEGAL_GENERATION'],
  ['b', 7, 'UNKNOWN_MEMBER_ID'],
  [null, 7, 'UNKNOWN_MEMBER_ID'],
]

for (const [memberId, memberEpoch, error] of fetches) {
  test(`${memberId} fetches offsets in epoch ${memberEpoch}: ${error ?? 'accepted'}`, () => {
    assert.equal(
      refusal(() => checkConsumerFetch(group, { memberId, memberEpoch })),
      error,
    )
  })
}
