import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BufferPool, holdMemory, releaseMemory } from './buffer-pool.ts'

test('memory is used again once the last of its holders has released it', () => {
  const pool = new BufferPool(1 << 20)
  const first = pool.take(100_000)
  assert.equal(first.length, 100_000)
  holdMemory(first.subarray(10, 20))
  releaseMemory(first)
  assert.notEqual(pool.take(100_000).buffer, first.buffer, 'it is still held')
  releaseMemory(first)
  assert.equal(pool.take(130_000).buffer, first.buffer, 'another size, rounded up to the same')
})

test('memory beyond the limit is dropped, and a later release of it does nothing', () => {
  const pool = new BufferPool(65_536)
  const [kept, dropped] = [pool.take(65_536), pool.take(65_536)]
  releaseMemory(kept)
  releaseMemory(dropped)
  assert.equal(pool.freeBytes, 65_536)
  releaseMemory(dropped)
  assert.equal(pool.freeBytes, 65_536)
})

test('a full pool makes room for the size that is in use by dropping all others', () => {
  const pool = new BufferPool(1 << 20)
  const before = Array.from({ length: 16 }, () => pool.take(65_536))
  const now = pool.take(10_000)
  for (const bytes of before) releaseMemory(bytes)
  assert.equal(pool.freeBytes, 1 << 20)
  releaseMemory(now)
  assert.equal(pool.freeBytes, 12_288)
  assert.equal(pool.take(12_000).buffer, now.buffer)
})

test('memory that was released may not be released or held again', () => {
  const pool = new BufferPool(1 << 20)
  const bytes = pool.take(1)
  releaseMemory(bytes)
  assert.throws(() => releaseMemory(bytes), /no more often/)
  assert.throws(() => holdMemory(bytes), /held by someone/)
})

test('memory of no pool is left alone', () => {
  const bytes = new Uint8Array(10)
  holdMemory(bytes)
  releaseMemory(bytes)
  releaseMemory(bytes)
})

test('however holds and releases follow, no two holders have the same memory', () => {
  const pool = new BufferPool(4 << 20)
  const held: { bytes: Uint8Array; holds: number; mark: number }[] = []
  let seed = 7
  const below = (limit: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff
    return seed % limit
  }
  for (let step = 0; step < 5_000; step++) {
    const one = held[below(Math.max(1, held.length))]
    const deed = below(4)
    if (one === undefined || deed === 0) {
      const bytes = pool.take(65_536 + below(200_000))
      held.push({ bytes: bytes.fill(step & 255), holds: 1, mark: step & 255 })
    } else if (deed === 1) {
      holdMemory(one.bytes)
      one.holds += 1
    } else {
      assert.equal(one.bytes[0], one.mark, `step ${step}`)
      assert.equal(one.bytes.at(-1), one.mark, `step ${step}`)
      releaseMemory(one.bytes)
      one.holds -= 1
      if (one.holds === 0) held.splice(held.indexOf(one), 1)
    }
  }
})
