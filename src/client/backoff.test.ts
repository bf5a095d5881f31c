import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { seededRandom } from '../kernel/seeded-random.ts'
import { waitMs } from './backoff.ts'

test('a wait doubles with each failure up to its bound, a fifth more or less', () => {
  fc.assert(
    fc.property(fc.integer(), fc.nat(100), fc.nat(10_000), (seed, firstMs, moreMs) => {
      const backoff = { firstMs, maxMs: firstMs + moreMs }
      const random = seededRandom(seed)
      for (let failures = 1; failures < 80; failures++) {
        const expected = Math.min(firstMs * 2 ** (failures - 1), backoff.maxMs)
        const wait = waitMs(backoff, failures, random)
        assert.ok(Math.abs(wait - expected) <= 0.2 * expected + 1e-9, `${wait} of ${expected}`)
      }
    }),
  )
})

test('a bound below the first wait is no bound', () => {
  const wait = waitMs({ firstMs: 500, maxMs: 100 }, 9, seededRandom(1))
  assert.ok(wait >= 400 && wait <= 600, `${wait}`)
})
