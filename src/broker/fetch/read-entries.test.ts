import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errors } from '../../protocol/errors.ts'
import { ZERO_UUID } from '../../protocol/primitives.ts'
import {
  batchOf,
  TestPartitions,
  TOPIC_ID,
  topicOf,
} from '../../replication/replication-fixtures-for-test.ts'
import { type FetchPosition, FetchSet } from './fetch-set.ts'
import { type FetchLimits, type FetchResults, readEntries, settleEntries } from './read-entries.ts'

const OTHER_ID = 'AAAAAAAAAAAAAAAAAAAAyQ'
const LIMITS: FetchLimits = { maxBytes: 1_000_000, isolation: 'read-uncommitted', replicaId: -1 }

const at = (index: number, fetchOffset = 0, over: Partial<FetchPosition> = {}): FetchPosition => {
  const rest = { maxBytes: 1_000_000, currentLeaderEpoch: -1, lastFetchedEpoch: -1 }
  return { topic: 't', topicId: ZERO_UUID, index, fetchOffset, ...rest, ...over }
}

/** Three partitions, and a way to read from them. */
async function setUp(leaderEpoch = 0) {
  const t = await TestPartitions.open()
  const state = { leaderEpoch }
  await t.apply(topicOf('t', [state, state, state]))
  const set = new FetchSet()
  const read = async (limits: Partial<FetchLimits> = {}): Promise<FetchResults> => {
    return t.settle(readEntries(set, t.partitions, { ...LIMITS, ...limits }))
  }
  const append = (index: number, ...values: string[]) =>
    t.append(t.partitions.byName('t', index), values)
  return { t, set, read, append }
}

/** Partition and bytes of each result, `!` before the code of an error. */
const told = ({ results }: FetchResults) =>
  results.map(({ entry, errorCode, read }) =>
    errorCode === 0 ? `${entry.index}:${read?.sizeBytes ?? 0}` : `${entry.index}!${errorCode}`,
  )

const sizeOf = (...values: string[]) => batchOf(values).length

test('only ready entries are read, in their order', async () => {
  const { set, read, append } = await setUp()
  for (const index of [0, 1, 2]) await append(index, 'a')
  set.put(at(2))
  set.put(at(0))
  const size = sizeOf('a')
  assert.deepEqual(told(await read()), [`2:${size}`, `0:${size}`])
})

test('the limit on bytes holds over all partitions, but the first batch is given whole', async () => {
  const { set, read, append } = await setUp()
  const size = sizeOf('a')
  for (const index of [1, 2]) for (const _ of [1, 2]) await append(index, 'a')
  for (const index of [0, 1, 2]) set.put(at(index))
  assert.deepEqual(told(await read({ maxBytes: 1 })), ['0:0', `1:${size}`, '2:0'])
  assert.deepEqual(told(await read({ maxBytes: 0 })), ['0:0', `1:${size}`, '2:0'])
  assert.deepEqual(told(await read({ maxBytes: 3 * size })), ['0:0', `1:${2 * size}`, `2:${size}`])
})

test('the limit of a partition holds too, for all but the first batch of the answer', async () => {
  const { set, read, append } = await setUp()
  const size = sizeOf('a')
  for (const index of [0, 1]) for (const _ of [1, 2]) await append(index, 'a')
  for (const index of [0, 1]) set.put(at(index, 0, { maxBytes: size - 1 }))
  assert.deepEqual(told(await read()), [`0:${size}`, '1:0'])
  for (const index of [0, 1]) set.put(at(index, 0, { maxBytes: size }))
  assert.deepEqual(told(await read()), [`0:${size}`, `1:${size}`])
})

const refusals: readonly (readonly [string, Partial<FetchPosition>, keyof typeof errors])[] = [
  ['an unknown topic', { topic: 'x' }, 'UNKNOWN_TOPIC_OR_PARTITION'],
  ['an unknown partition', { index: 9 }, 'UNKNOWN_TOPIC_OR_PARTITION'],
  ['an unknown id', { topic: undefined, topicId: OTHER_ID }, 'UNKNOWN_TOPIC_ID'],
  ['the id of none', { topic: undefined }, 'UNKNOWN_TOPIC_ID'],
  ['the id of a topic that was made anew', { topicId: OTHER_ID }, 'INCONSISTENT_TOPIC_ID'],
  ['an offset behind the end', { fetchOffset: 3 }, 'OFFSET_OUT_OF_RANGE'],
  ['a negative offset', { fetchOffset: -1 }, 'OFFSET_OUT_OF_RANGE'],
  ['an older leader epoch', { currentLeaderEpoch: 4 }, 'FENCED_LEADER_EPOCH'],
  ['a newer leader epoch', { currentLeaderEpoch: 6 }, 'UNKNOWN_LEADER_EPOCH'],
  ['records of an unknown epoch', { lastFetchedEpoch: 6 }, 'OFFSET_OUT_OF_RANGE'],
]
for (const [what, over, error] of refusals) {
  test(`${what} is ${error}, at once and without offsets`, async () => {
    const { set, read, append } = await setUp(5)
    await append(0, 'a', 'b')
    set.put(at(0, 0, over))
    const found = await read()
    const [result] = found.results
    assert.equal(result?.errorCode, errors[error].code)
    assert.ok(found.isUrgent)
    assert.deepEqual(
      [result.highWatermark, result.lastStableOffset, result.logStartOffset],
      [-1, -1, -1],
    )
    const isUnknown = error === 'UNKNOWN_TOPIC_OR_PARTITION' || error === 'UNKNOWN_TOPIC_ID'
    assert.deepEqual(result.abortedTransactions, isUnknown ? [] : null)
  })
}

test('a follower is no replica of anything here', async () => {
  const { set, read } = await setUp(5)
  set.put(at(0, 0, { currentLeaderEpoch: 5 }))
  set.put(at(1))
  const codes = (await read({ replicaId: 7 })).results.map(({ errorCode }) => errorCode)
  const { UNKNOWN_LEADER_EPOCH, NOT_LEADER_OR_FOLLOWER } = errors
  assert.deepEqual(codes, [UNKNOWN_LEADER_EPOCH.code, NOT_LEADER_OR_FOLLOWER.code])
})

test('a consumer whose log went another way is told from where, instead of records', async () => {
  const { t, set, read, append } = await setUp(2)
  await append(0, 'a', 'b')
  await t.apply(topicOf('t', [{ leaderEpoch: 5 }, { leaderEpoch: 2 }, { leaderEpoch: 2 }]))
  await append(0, 'c')
  const divergence = async (lastFetchedEpoch: number, fetchOffset: number) => {
    set.put(at(0, fetchOffset, { lastFetchedEpoch }))
    const found = await read()
    assert.equal(found.isUrgent, found.results[0]?.divergingEpoch !== undefined)
    return found.results[0]?.divergingEpoch
  }
  assert.equal(await divergence(2, 2), undefined)
  assert.equal(await divergence(5, 3), undefined)
  assert.deepEqual(await divergence(2, 3), { epoch: 2, endOffset: 2 })
  assert.deepEqual(await divergence(4, 2), { epoch: 2, endOffset: 2 })
})

test('below a log start that moved, the offset counts before the epoch does', async () => {
  const { t, set, read, append } = await setUp(2)
  await append(0, 'a', 'b')
  t.partitions.byName('t', 0).deleteRecordsBefore(2)
  set.put(at(0, 1, { lastFetchedEpoch: 2 }))
  assert.deepEqual(told(await read()), [`0!${errors.OFFSET_OUT_OF_RANGE.code}`])
})

test('committed readers get aborted transactions as a list, others get none', async () => {
  const { t, set, read, append } = await setUp()
  await append(0, 'a')
  const open = { producerId: 9, producerEpoch: 0, baseSequence: 0, isTransactional: true }
  await t.settle(t.partitions.byName('t', 0).append(batchOf(['b'], open), 1, 1_000))
  set.put(at(0))
  const [committed] = (await read({ isolation: 'read-committed' })).results
  assert.equal(committed?.read?.nextOffset, 1, 'not into the open transaction')
  assert.deepEqual([committed.highWatermark, committed.lastStableOffset], [2, 1])
  assert.deepEqual(committed.abortedTransactions, [])
  const [any] = (await read()).results
  assert.equal(any?.read?.nextOffset, 2)
  assert.equal(any?.abortedTransactions, null)
})

test('an answer tells what changed since the last one, and nothing else', async () => {
  const { t, set, read, append } = await setUp()
  await append(0, 'a')
  for (const index of [0, 1, 2]) set.put(at(index))
  const settle = async () => {
    const changed = settleEntries(set, await read(), 'read-uncommitted')
    return changed.map(({ entry }) => entry.index)
  }
  set.watch()
  assert.deepEqual(await settle(), [0, 1, 2], 'the first tells all')
  assert.deepEqual(await settle(), [0], 'it still has records to give')
  set.put(at(0, 1))
  assert.deepEqual(await settle(), [])
  assert.equal(set.ready.size, 0)
  await append(1, 'a', 'b')
  set.put(at(1, 2))
  assert.deepEqual(await settle(), [1], 'a high watermark alone')
  assert.deepEqual(await settle(), [])
  t.partitions.byName('t', 1).deleteRecordsBefore(1)
  assert.deepEqual(await settle(), [1], 'a log start alone')
  set.put(at(1, 9))
  assert.deepEqual(await settle(), [1], 'an error')
  assert.deepEqual(await settle(), [1], 'as long as it lasts')
  set.put(at(1, 2))
  assert.deepEqual(await settle(), [1], 'the end of an error')
  assert.deepEqual(await settle(), [])
})

test('no partition starves when an answer has room for one only', async () => {
  const { set, read, append } = await setUp()
  for (const index of [0, 1, 2]) for (const value of ['a', 'b', 'c']) await append(index, value)
  const offsets = [0, 0, 0]
  for (const index of [0, 1, 2]) set.put(at(index))
  const served: number[] = []
  for (let round = 0; round < 9; round++) {
    const found = await read({ maxBytes: 1 })
    for (const { entry, read: given } of settleEntries(set, found, 'read-uncommitted')) {
      if (given === undefined || given.sizeBytes === 0) continue
      served.push(entry.index)
      offsets[entry.index] = given.nextOffset
      set.put(at(entry.index, given.nextOffset))
    }
  }
  assert.deepEqual(served, [0, 1, 2, 0, 1, 2, 0, 1, 2])
  assert.deepEqual(offsets, [3, 3, 3])
})

test('an id that becomes known is read under its name from then on', async () => {
  const { t, set, read } = await setUp()
  set.put(at(0, 0, { topic: undefined, topicId: OTHER_ID }))
  assert.deepEqual(told(await read()), [`0!${errors.UNKNOWN_TOPIC_ID.code}`])
  await t.apply(topicOf('t', [{}]), topicOf('u', [{}], OTHER_ID))
  assert.deepEqual(told(await read()), ['0:0'])
  await t.apply(topicOf('t', [{}]))
  assert.deepEqual(told(await read()), [`0!${errors.UNKNOWN_TOPIC_OR_PARTITION.code}`])
  await t.apply(topicOf('t', [{}]), topicOf('u', [{}], TOPIC_ID))
  assert.deepEqual(told(await read()), [`0!${errors.INCONSISTENT_TOPIC_ID.code}`])
})
