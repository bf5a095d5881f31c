import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../../kernel/seeded-random.ts'
import { choose, type Load, StickyPartitioner } from './sticky-partitioner.ts'

const loads = (...queued: number[]): Load[] =>
  queued.map((each, partition) => ({ partition, queued: each, isAvailable: true }))

test('records without a key stay with a partition until it has the bytes of a batch', () => {
  const sticky = new StickyPartitioner(seededRandom(7), 100, true)
  const chosen = Array.from({ length: 40 }, () => sticky.partitionFor(50, () => loads(0, 0, 0, 0)))
  for (let at = 0; at < chosen.length; at += 2) assert.equal(chosen[at], chosen[at + 1])
  assert.ok(new Set(chosen).size > 2, `${chosen}`)
})

test('a short queue is chosen in proportion to how much shorter it is', () => {
  const random = seededRandom(3)
  const counts = [0, 0, 0]
  for (let i = 0; i < 9_000; i++) counts[choose(loads(0, 3, 1), true, random)]! += 1
  // Weights 4, 1 and 3 of 8.
  for (const [at, expected] of [4_500, 1_125, 3_375].entries()) {
    assert.ok(Math.abs(counts[at]! - expected) < 250, `${counts}`)
  }
})

test('without adaptive partitioning queues do not count', () => {
  const random = seededRandom(3)
  const counts = [0, 0]
  for (let i = 0; i < 4_000; i++) counts[choose(loads(0, 9), false, random)]! += 1
  assert.ok(Math.abs(counts[0]! - 2_000) < 200, `${counts}`)
})

test('a partition without a leader is chosen only when none has one', () => {
  const random = seededRandom(1)
  const some = loads(0, 0).map((load) => ({ ...load, isAvailable: load.partition === 1 }))
  for (let i = 0; i < 20; i++) assert.equal(choose(some, true, random), 1)
  const none = some.map((load) => ({ ...load, isAvailable: false }))
  assert.ok(choose(none, true, random) >= 0)
})
