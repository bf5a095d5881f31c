import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errors } from '../../protocol/errors.ts'
import { ZERO_UUID } from '../../protocol/primitives.ts'
import {
  batchOf,
  TestPartitions,
  topicOf,
} from '../../replication/replication-fixtures-for-test.ts'
import { FetchSet } from './fetch-set.ts'
import { ParkedFetches } from './parked-fetches.ts'
import type { FetchResults } from './read-entries.ts'
import { type FetchWait, serveFetch } from './serve-fetch.ts'

const MAX_WAIT_MS = 500

/** A consumer at the end of two partitions. */
async function setUp() {
  const t = await TestPartitions.open()
  await t.apply(topicOf('t', [{}, {}]))
  for (const index of [0, 1]) await t.append(t.partitions.byName('t', index), ['old'])
  const parked = new ParkedFetches()
  const abort = new AbortController()
  const set = new FetchSet()
  const move = (index: number, fetchOffset: number) => {
    const rest = { maxBytes: 1_000_000, currentLeaderEpoch: -1, lastFetchedEpoch: -1 }
    set.put({ topic: 't', topicId: ZERO_UUID, index, fetchOffset, ...rest })
  }
  for (const index of [0, 1]) move(index, 1)
  /** Begins a fetch. `found` and how long it `took` are there once it is answered. */
  const fetch = (wait: Partial<FetchWait> = {}) => {
    const beginMs = t.simulation.elapsedMs
    const state: { found?: FetchResults; took?: number; readonly isOpen: () => boolean } = {
      isOpen: () => state.found === undefined,
    }
    const all = { minBytes: 1, maxWaitMs: MAX_WAIT_MS, signal: abort.signal, parked, ...wait }
    const limits = { maxBytes: 1_000_000, isolation: 'read-uncommitted', replicaId: -1 } as const
    const served = Promise.resolve(serveFetch(set, t.partitions, limits, all, t.environment))
    void served.then((found) => {
      state.found = found
      state.took = t.simulation.elapsedMs - beginMs
    })
    return state
  }
  const partition = (index: number) => t.partitions.byName('t', index)
  return { t, set, fetch, move, partition, parked, abort }
}

test('a fetch with enough bytes is answered at once', async () => {
  const { t, fetch, move, parked } = await setUp()
  move(1, 0)
  const state = fetch()
  await t.turn()
  assert.ok((state.found?.sizeBytes ?? 0) > 0)
  assert.equal(parked.size, 0)
})

test('without anything new it is answered empty when its time is over', async () => {
  const { t, fetch, parked } = await setUp()
  const state = fetch()
  await t.simulation.advance(MAX_WAIT_MS - 1)
  assert.ok(state.isOpen())
  assert.equal(parked.size, 1)
  await t.simulation.advance(1)
  assert.equal(state.took, MAX_WAIT_MS)
  assert.equal(state.found?.sizeBytes, 0)
  assert.equal(parked.size, 0)
})

test('it may want not to wait, and waits for no partitions at all', async () => {
  const { t, set, fetch } = await setUp()
  const hasty = fetch({ maxWaitMs: 0 })
  await t.turn()
  assert.equal(hasty.took, 0)
  for (const index of [0, 1]) set.forget('t', ZERO_UUID, index)
  const empty = fetch()
  await t.turn()
  assert.equal(empty.took, 0)
})

test('it ends as soon as there are enough bytes, of all partitions together', async () => {
  const { t, fetch, partition } = await setUp()
  const size = batchOf(['a']).length
  const state = fetch({ minBytes: 2 * size })
  await t.simulation.advance(100)
  await t.append(partition(0), ['a'])
  await t.simulation.advance(100)
  assert.ok(state.isOpen())
  await t.append(partition(1), ['b'])
  await t.turn()
  assert.equal(state.found?.sizeBytes, 2 * size)
  assert.ok(state.took! < MAX_WAIT_MS)
})

test('what came before its time was over is in the answer, enough or not', async () => {
  const { t, fetch, partition } = await setUp()
  const state = fetch({ minBytes: 10_000 })
  await t.append(partition(0), ['a'])
  await t.simulation.advance(MAX_WAIT_MS)
  assert.equal(state.took, MAX_WAIT_MS)
  assert.equal(state.found?.sizeBytes, batchOf(['a']).length)
})

const endings: readonly (readonly [
  string,
  (world: Awaited<ReturnType<typeof setUp>>) => unknown,
  keyof typeof errors,
])[] = [
  ['the topic is deleted', ({ t }) => t.apply(), 'UNKNOWN_TOPIC_OR_PARTITION'],
  [
    'the leader is another broker',
    ({ t }) => t.apply(topicOf('t', [{ leader: 2, leaderEpoch: 1, replicas: [2, 1] }, {}])),
    'NOT_LEADER_OR_FOLLOWER',
  ],
  [
    'the partition has moved away',
    ({ t }) => t.apply(topicOf('t', [{ leader: 2, leaderEpoch: 1, replicas: [2] }, {}])),
    'NOT_LEADER_OR_FOLLOWER',
  ],
]
for (const [what, happens, error] of endings) {
  test(`it ends at once when ${what}`, async () => {
    const world = await setUp()
    const state = world.fetch({ minBytes: 10_000, maxWaitMs: 60_000 })
    await world.t.simulation.advance(100)
    await happens(world)
    await world.t.turn()
    const codes = state.found?.results.map(({ errorCode }) => errorCode)
    assert.ok(codes?.includes(errors[error].code), `${codes}`)
    assert.ok(state.took! < 1_000)
  })
}

test('it ends at once when the log start moves past its position', async () => {
  const { t, fetch, move, partition } = await setUp()
  await t.append(partition(0), ['b', 'c'])
  move(0, 1)
  const state = fetch({ minBytes: 10_000, maxWaitMs: 60_000 })
  await t.simulation.advance(100)
  partition(0).deleteRecordsBefore(2)
  await t.turn()
  const [result] = state.found?.results ?? []
  assert.equal(result?.errorCode, errors.OFFSET_OUT_OF_RANGE.code)
})

test('it goes on waiting when the log start moves up to its position', async () => {
  const { t, fetch, partition } = await setUp()
  const state = fetch()
  await t.simulation.advance(100)
  partition(0).deleteRecordsBefore(1)
  await t.simulation.advance(100)
  assert.ok(state.isOpen())
})

test('nobody waits for the answer any more: it ends, and leaves nothing behind', async () => {
  const { t, fetch, abort, parked } = await setUp()
  const state = fetch({ maxWaitMs: 60_000 })
  await t.simulation.advance(100)
  abort.abort()
  await t.turn()
  assert.ok(state.found)
  assert.equal(parked.size, 0)
  const late = fetch({ maxWaitMs: 60_000 })
  await t.turn()
  assert.ok(late.found, 'a connection that was over before it began to wait')
})

test('a broker that stops ends all that wait, and those that would', async () => {
  const { t, fetch, parked } = await setUp()
  const state = fetch({ maxWaitMs: 60_000 })
  await t.simulation.advance(100)
  parked.end()
  await t.turn()
  assert.equal(state.took, 100)
  const late = fetch({ maxWaitMs: 60_000 })
  await t.turn()
  assert.equal(late.took, 0)
  assert.equal(parked.size, 0)
})

test('many changes within one turn cost one look', async () => {
  const { t, set, fetch, partition } = await setUp()
  fetch({ minBytes: 10_000 })
  await t.simulation.advance(10)
  let looks = 0
  const { bind } = set
  set.bind = (...entry) => {
    looks += 1
    bind.apply(set, entry)
  }
  for (const value of ['a', 'b', 'c']) void partition(0).append(batchOf([value]), 1, 1_000)
  await t.turn()
  assert.equal(looks, 2, 'two entries, each looked at once')
})
