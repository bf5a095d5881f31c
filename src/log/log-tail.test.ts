import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../kernel/seeded-random.ts'
import * as batch from '../records/batch.ts'
import { batchOfBytes } from './log-for-test.ts'
import type { LogTail } from './log-tail.ts'
import { TailCache } from './tail-cache.ts'

/** Appends one batch of one record. */
function add(tail: LogTail, offset: number, sizeBytes: number): Uint8Array {
  const bytes = batchOfBytes(sizeBytes, { baseOffset: offset })
  tail.add(bytes, offset + 1)
  return bytes
}

test('the cache never holds more than its budget, oldest out first over all logs', () => {
  const cache = new TailCache(100_000)
  const [busy, quiet] = [cache.tail(0), cache.tail(0)]
  add(quiet, 0, 10_000)
  for (let offset = 0; offset < 50; offset++) {
    add(busy, offset, 20_000)
    assert(cache.usedBytes <= 100_000)
  }
  assert.equal(quiet.startOffset, 1)
  assert(busy.startOffset < 50 && busy.startOffset > 40)
  assert.equal(busy.read(busy.startOffset - 1, 50, 1e6, true), undefined)
})

test('a cache without a budget keeps nothing', () => {
  const cache = new TailCache(0)
  const tail = cache.tail(0)
  add(tail, 0, 100)
  add(tail, 1, 100_000)
  assert.deepEqual([cache.usedBytes, tail.startOffset], [0, 2])
})

test('four thousand quiet logs take a kilobyte each', () => {
  const cache = new TailCache()
  for (let count = 0; count < 4_000; count++) add(cache.tail(0), 0, 200)
  assert(cache.usedBytes <= 4_000 * 1_024)
})

test('small batches that follow one another come in few chunks', () => {
  const tail = new TailCache().tail(0)
  for (let offset = 0; offset < 1_000; offset++) add(tail, offset, 100)
  const { chunks } = tail.read(0, 1_000, 1e6, true)!
  assert(chunks.length < 12, `${chunks.length} chunks`)
})

test('a log that is cut begins anew', () => {
  const cache = new TailCache()
  const tail = cache.tail(0)
  for (let offset = 0; offset < 10; offset++) add(tail, offset, 9_000)
  tail.reset(5)
  assert.deepEqual([cache.usedBytes, tail.startOffset], [0, 5])
  add(tail, 5, 100)
  assert.equal(tail.read(5, 6, 1e6, true)?.nextOffset, 6)
})

test('whatever is asked for, the answer is the batches that were added', () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = seededRandom(seed)
    const cache = new TailCache(20_000 + random.below(200_000))
    const tail = cache.tail(0)
    const added: Uint8Array[] = []
    for (let offset = 0; offset < 40; offset++) {
      added.push(add(tail, offset, 80 + random.below(random.below(3) === 0 ? 30_000 : 500)))
    }
    const offset = random.below(40)
    const endOffset = offset + 1 + random.below(41 - offset)
    const maxBytes = random.below(60_000)
    const minOneBatch = random.below(2) === 0
    const found = tail.read(offset, endOffset, maxBytes, minOneBatch)
    if (offset < tail.startOffset) {
      assert.equal(found, undefined)
      continue
    }
    const expected: Uint8Array[] = []
    let left = maxBytes
    for (const bytes of added.slice(offset, endOffset)) {
      if (bytes.length > left && !(minOneBatch && expected.length === 0)) break
      expected.push(bytes)
      left -= bytes.length
    }
    assert.deepEqual(Buffer.concat(found!.chunks), Buffer.concat(expected), `seed ${seed}`)
    assert.equal(found!.nextOffset, offset + expected.length, `seed ${seed}`)
    if (expected.length > 0) assert.equal(batch.baseOffset(found!.chunks[0]!), offset)
  }
})
