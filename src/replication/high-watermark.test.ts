import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { nextHighWatermark, type ReplicaEnds } from './high-watermark.ts'

const offset = fc.integer({ min: 0, max: 20 })
const replicaEnds: fc.Arbitrary<ReplicaEnds> = fc
  .record({
    highWatermark: offset,
    leaderEndOffset: offset,
    followerEndOffsets: fc.array(offset, { maxLength: 4 }),
    effectiveMinIsr: fc.integer({ min: 1, max: 5 }),
  })
  .map((ends) => ({ ...ends, isrSize: 1 + ends.followerEndOffsets.length }))

test('the high watermark never falls', () => {
  fc.assert(
    fc.property(replicaEnds, (ends) => nextHighWatermark(ends) >= ends.highWatermark),
    { verbose: true },
  )
})

test('what it moves over is in every in-sync replica, and they are enough', () => {
  fc.assert(
    fc.property(replicaEnds, (ends) => {
      const next = nextHighWatermark(ends)
      if (next === ends.highWatermark) return
      assert.ok(ends.isrSize >= ends.effectiveMinIsr)
      for (const end of [ends.leaderEndOffset, ...ends.followerEndOffsets]) assert.ok(end >= next)
    }),
    { verbose: true },
  )
})

test('it stands as far as it may: the smallest end of enough replicas', () => {
  fc.assert(
    fc.property(replicaEnds, (ends) => {
      if (ends.isrSize < ends.effectiveMinIsr) return
      const smallest = Math.min(ends.leaderEndOffset, ...ends.followerEndOffsets)
      assert.equal(nextHighWatermark(ends), Math.max(ends.highWatermark, smallest))
    }),
    { verbose: true },
  )
})

test('a leader that is alone and enough takes its own end', () => {
  const alone = { highWatermark: 3, leaderEndOffset: 9, followerEndOffsets: [], isrSize: 1 }
  assert.equal(nextHighWatermark({ ...alone, effectiveMinIsr: 1 }), 9)
  assert.equal(nextHighWatermark({ ...alone, effectiveMinIsr: 2 }), 3)
})
