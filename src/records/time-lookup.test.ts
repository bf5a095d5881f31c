import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { BatchBuilder } from './builder.ts'
import { compressionNames } from './compression/compression.ts'
import { MANY_BYTES, SEED } from './fixtures-for-test.ts'
import { firstSince, latestIn } from './time-lookup.ts'

const anyTimes = fc.array(fc.oneof(fc.constant(-1), fc.nat(20)), { minLength: 1, maxLength: 30 })

for (const compression of compressionNames) {
  test(`${compression}: the first record since a time, and the latest (seed ${SEED})`, async () => {
    await fc.assert(
      fc.asyncProperty(anyTimes, fc.nat(22), fc.nat(130), async (times, target, start) => {
        const builder = new BatchBuilder({ compression, baseOffset: 100 })
        for (const timestamp of times) builder.append({ value: 'v', timestamp })
        const bytes = builder.build()
        const records = times.map((timestamp, index) => ({ offset: 100 + index, timestamp }))
        const since = records.find((r) => r.timestamp >= target && r.offset >= start)
        assert.deepEqual(await firstSince(bytes, 0, target, start, MANY_BYTES), since)
        const latest = Math.max(...times)
        assert.deepEqual(
          await latestIn(bytes, 0, MANY_BYTES),
          latest < 0 ? undefined : records.find((r) => r.timestamp === latest),
        )
      }),
      { seed: SEED, numRuns: 100 },
    )
  })
}

test('a large compressed batch is looked into off the loop', async () => {
  const builder = new BatchBuilder({ compression: 'zstd' })
  for (let index = 0; index < 20_000; index++) {
    builder.append({ value: 'v'.repeat(100), timestamp: index })
  }
  const bytes = builder.build()
  const found = firstSince(bytes, 0, 15_000, 0, MANY_BYTES)
  assert.ok(found instanceof Promise)
  assert.deepEqual(await found, { offset: 15_000, timestamp: 15_000 })
  assert.deepEqual(await latestIn(bytes, 0, MANY_BYTES), { offset: 19_999, timestamp: 19_999 })
})
