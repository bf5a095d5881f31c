import assert from 'node:assert/strict'
import { test } from 'node:test'
import { writeBigInt64 } from '../kernel/bytes.ts'
import * as batch from './batch.ts'
import { BatchBuilder } from './builder.ts'
import { kafkaError } from './fixtures-for-test.ts'

const whole = new BatchBuilder({
  baseOffset: 2 ** 40,
  leaderEpoch: 7,
  producerId: 2 ** 41,
  producerEpoch: 9,
  baseSequence: 11,
  isTransactional: true,
})
  .append({ key: 'a', value: 'b', timestamp: 1_000 })
  .append({ key: 'c', value: 'd', timestamp: 900 })
  .build()

test('every field of a header is read back at its place', () => {
  assert.deepEqual(batch.readHeader(whole), {
    baseOffset: 2 ** 40,
    leaderEpoch: 7,
    attributes: batch.TRANSACTIONAL_BIT,
    lastOffsetDelta: 1,
    baseTimestamp: 1_000,
    maxTimestamp: 1_000,
    producerId: 2 ** 41,
    producerEpoch: 9,
    baseSequence: 11,
    recordCount: 2,
  })
  assert.equal(batch.batchSizeBytes(whole), whole.length)
  assert.equal(batch.batchLength(whole), whole.length - batch.LOG_OVERHEAD_BYTES)
  assert.equal(batch.lastOffset(whole), 2 ** 40 + 1)
  assert.equal(batch.magic(whole), 2)
  assert.equal(batch.compressionOf(whole), 'none')
  assert.equal(batch.isTransactional(whole), true)
  assert.equal(batch.isControlBatch(whole), false)
})

test('offset and leader epoch are stamped without touching the checksum', () => {
  const bytes = whole.slice()
  batch.setBaseOffset(bytes, 0, 123_456_789_012)
  batch.setLeaderEpoch(bytes, 0, 42)
  assert.equal(batch.baseOffset(bytes), 123_456_789_012)
  assert.equal(batch.leaderEpoch(bytes), 42)
  assert.equal(batch.batchDamage(bytes), undefined)
})

test('stamping a time recomputes the checksum, and only when something changes', () => {
  const bytes = whole.slice()
  batch.setTimestamp(bytes, 0, 'CreateTime', 1_000)
  assert.deepEqual(bytes, whole)
  batch.setTimestamp(bytes, 0, 'LogAppendTime', 5_000)
  assert.equal(batch.timestampType(bytes), 'LogAppendTime')
  assert.equal(batch.maxTimestamp(bytes), 5_000)
  assert.equal(batch.batchDamage(bytes), undefined)
  batch.setTimestamp(bytes, 0, 'CreateTime', 1_000)
  assert.deepEqual(bytes, whole)
})

test('any single flipped bit of what the checksum covers is damage', () => {
  for (let bit = 17 * 8; bit < whole.length * 8; bit++) {
    const bytes = whole.slice()
    bytes[bit >> 3]! ^= 1 << (bit & 7)
    assert.ok(batch.batchDamage(bytes), `bit ${bit}`)
    assert.throws(() => batch.validateBatch(bytes), kafkaError('CORRUPT_MESSAGE'))
  }
})

test('an offset or producer id beyond 2^53 is damage, a time beyond it reads as the last one', () => {
  const bytes = whole.slice()
  writeBigInt64(bytes, 27, 2n ** 62n)
  writeBigInt64(bytes, 35, -(2n ** 62n))
  batch.sealBatch(bytes)
  assert.equal(batch.batchDamage(bytes), undefined)
  assert.equal(batch.baseTimestamp(bytes), Number.MAX_SAFE_INTEGER)
  assert.equal(batch.maxTimestamp(bytes), Number.MIN_SAFE_INTEGER)
  writeBigInt64(bytes, 43, 2n ** 53n)
  batch.sealBatch(bytes)
  assert.match(batch.batchDamage(bytes) ?? '', /beyond 2\^53/)
})

test('batches that follow one another are visited in order, and a cut-off last one is left out', () => {
  const two = new Uint8Array(whole.length * 2)
  two.set(whole)
  two.set(whole, whole.length)
  for (let length = 0; length <= two.length; length++) {
    const visited: number[] = []
    const end = batch.forEachBatch(two.subarray(0, length), (at, sizeBytes) => {
      visited.push(at)
      assert.equal(sizeBytes, whole.length)
    })
    const count = Math.floor(length / whole.length)
    assert.equal(end, count * whole.length, `of ${length} bytes`)
    assert.deepEqual(visited, [0, whole.length].slice(0, count))
  }
})

// One row per way in which the first bytes can be none of a batch.
const damaged: readonly (readonly [why: string, at: number, value: number])[] = [
  ['a negative length', 8, 0x80],
  ['the length of no format', 10, 0],
  ['an unknown magic', 16, 3],
  ['a negative magic', 16, 0xff],
]
for (const [why, at, value] of damaged) {
  test(`bytes with ${why} are no batch`, () => {
    const bytes = whole.slice()
    bytes[at] = value
    if (at === 10) bytes[11] = 13
    assert.equal(batch.nextBatchSize(bytes, 0), batch.DAMAGED)
    assert.throws(() => batch.forEachBatch(bytes, () => {}), kafkaError('CORRUPT_MESSAGE'))
  })
}

test('a v2 batch shorter than its header is no batch', () => {
  const bytes = whole.slice()
  bytes[11] = 48
  assert.equal(batch.nextBatchSize(bytes, 0), batch.DAMAGED)
})

test('codecs 5 to 7 do not exist', () => {
  const bytes = whole.slice()
  bytes[22] = bytes[22]! | 5
  assert.throws(() => batch.compressionOf(bytes), kafkaError('UNSUPPORTED_COMPRESSION_TYPE'))
})
