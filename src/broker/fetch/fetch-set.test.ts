import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ZERO_UUID } from '../../protocol/primitives.ts'
import {
  TestPartitions,
  TOPIC_ID,
  topicOf,
} from '../../replication/replication-fixtures-for-test.ts'
import { type FetchPosition, FetchSet } from './fetch-set.ts'

const REST = { maxBytes: 10, currentLeaderEpoch: -1, lastFetchedEpoch: -1 }

const at = (index: number, fetchOffset = 0): FetchPosition => {
  return { topic: 't', topicId: ZERO_UUID, index, fetchOffset, ...REST }
}

const ready = (set: FetchSet) => Array.from(set.ready, ({ index }) => index)

/** A set that waits on three partitions, none of which is ready. */
async function watching() {
  const t = await TestPartitions.open()
  await t.apply(topicOf('t', [{}, {}, {}]))
  const set = new FetchSet()
  for (const index of [0, 1, 2]) set.put(at(index))
  for (const entry of set.entries.values()) set.bind(entry, t.partitions.byName('t', entry.index))
  set.ready.clear()
  set.watch()
  return { t, set }
}

test('new and moved entries are ready, once each and in the order they came', () => {
  const set = new FetchSet()
  set.put(at(2))
  set.put(at(0))
  assert.deepEqual(ready(set), [2, 0])
  set.ready.clear()
  set.put(at(0, 5))
  set.put({ ...at(0, 7), maxBytes: 99, currentLeaderEpoch: 3, lastFetchedEpoch: 2 })
  assert.deepEqual(ready(set), [0])
  assert.equal(set.entries.size, 2)
  const [entry] = set.ready
  assert.deepEqual(
    [entry?.fetchOffset, entry?.maxBytes, entry?.currentLeaderEpoch, entry?.lastFetchedEpoch],
    [7, 99, 3, 2],
  )
})

test('a topic named by id is one entry whether or not the id is known', () => {
  const set = new FetchSet()
  set.put({ ...at(0), topic: undefined, topicId: TOPIC_ID })
  set.put({ ...at(0, 4), topicId: TOPIC_ID })
  assert.equal(set.entries.size, 1)
  set.forget(undefined, TOPIC_ID, 0)
  assert.equal(set.entries.size, 0)
})

test('what changes while nobody watches is not reported, and what changes then is', async () => {
  const { t, set } = await watching()
  set.unwatch()
  await t.append(t.partitions.byName('t', 1), ['a'])
  assert.deepEqual(ready(set), [])
  set.watch()
  let woken = 0
  set.onReady = () => {
    woken += 1
  }
  await t.append(t.partitions.byName('t', 2), ['a'])
  assert.deepEqual(ready(set), [2])
  assert.equal(woken, 1)
})

test('a forgotten entry hears of nothing', async () => {
  const { t, set } = await watching()
  const partition = t.partitions.byName('t', 1)
  set.forget('t', ZERO_UUID, 1)
  set.forget('t', ZERO_UUID, 7)
  await t.append(partition, ['a'])
  assert.deepEqual(ready(set), [])
  assert.equal(partition.waiters.size, 0)
})

test('an entry waits on the partition it was bound to last', async () => {
  const { t, set } = await watching()
  const [entry] = set.entries.values()
  const before = t.partitions.byName('t', 0)
  await t.apply(topicOf('t', [{}, {}, {}], 'AAAAAAAAAAAAAAAAAAAAyQ'))
  const after = t.partitions.byName('t', 0)
  assert.deepEqual(ready(set), [0, 1, 2], 'the end of the old ones is told')
  set.bind(entry!, after)
  set.ready.clear()
  assert.equal(before.waiters.size, 0)
  await t.append(after, ['a'])
  assert.deepEqual(ready(set), [0])
  set.unwatch()
  assert.equal(after.waiters.size, 0)
})
