import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crc32, gzipSync } from 'node:zlib'
import { writeInt32, writeInt64 } from '../../kernel/bytes.ts'
import { Simulation } from '../../kernel/simulated-environment.ts'
import * as batch from '../../records/batch.ts'
import { BatchBuilder } from '../../records/builder.ts'
import { recordsOf } from '../../records/records.ts'
import { T0 } from '../log-for-test.ts'
import { type Cleaned, cleanBatch } from './batch-cleaning.ts'
import type { RetentionRules } from './batch-filter.ts'
import { Scratch } from './batch-rewrite.ts'
import { keyedBatch } from './keyed-log-for-test.ts'
import { Pace } from './pace.ts'
import { TransactionFilter } from './transaction-filter.ts'

const NOW = T0 + 1_000_000
const RETENTION_MS = 1_000

/** Cleans a batch where `last` says the last offset of each key. */
function clean(
  bytes: Uint8Array,
  last: Readonly<Record<string, number>>,
  wanted: Partial<RetentionRules> = {},
): Promise<Cleaned> {
  const keys = {
    latestOffset: Number.MAX_SAFE_INTEGER,
    get: (from: Uint8Array, at: number, length: number) =>
      last[Buffer.from(from.subarray(at, at + length)).toString()] ?? -1,
  }
  const rules = {
    nowMs: NOW,
    deleteRetentionMs: RETENTION_MS,
    endOffset: 1_000,
    keys,
    transactions: new TransactionFilter(),
    lastOfProducer: () => undefined,
    ...wanted,
  }
  const pace = new Pace(new Simulation(1).host('a').environment())
  return Promise.resolve(cleanBatch(bytes, 0, rules, { scratch: new Scratch(), pace }))
}

/** Offsets, values and timestamps of what is left, which must be a sound batch. */
function recordsIn(cleaned: Cleaned) {
  assert.ok(cleaned instanceof Uint8Array, `${cleaned}`)
  assert.equal(batch.batchDamage(cleaned), undefined)
  return Array.from(recordsOf(cleaned, 0, 1_000_000), ({ offset, value, timestamp }) => [
    offset,
    value === null ? null : Buffer.from(value).toString(),
    timestamp,
  ])
}

/** A v1 message, or a wrapper of such. */
function message(offset: number, key: string | null, value: Uint8Array | null, codec = 0) {
  const keyBytes = key === null ? null : Buffer.from(key)
  const size = 34 + (keyBytes?.length ?? 0) + (value?.length ?? 0)
  const bytes = new Uint8Array(size)
  writeInt64(bytes, 0, offset)
  writeInt32(bytes, 8, size - 12)
  bytes[16] = 1
  bytes[17] = codec
  writeInt64(bytes, 18, T0)
  writeInt32(bytes, 26, keyBytes?.length ?? -1)
  if (keyBytes) bytes.set(keyBytes, 30)
  const valueAt = 30 + (keyBytes?.length ?? 0)
  writeInt32(bytes, valueAt, value?.length ?? -1)
  if (value) bytes.set(value, valueAt + 4)
  writeInt32(bytes, 12, crc32(bytes.subarray(16)) | 0)
  return bytes
}

/** Of a map that has not come as far. */
const NO_KEYS = { latestOffset: -1, get: () => assert.fail('not asked') }

const text = (value: string) => Buffer.from(value)

test('an old message stays byte for byte, or goes', async () => {
  assert.equal(await clean(message(5, 'a', text('1')), { a: 5 }), 'same')
  assert.equal(await clean(message(5, 'a', text('1')), { a: 6 }), 'gone')
})

test('an old tombstone becomes a batch with a delete horizon', async () => {
  const cleaned = await clean(message(5, 'a', null), { a: 5 })
  assert.deepEqual(recordsIn(cleaned), [[5, null, T0]])
  assert.equal(batch.deleteHorizonMs(cleaned as Uint8Array), NOW + RETENTION_MS)
  assert.equal(await clean(cleaned as Uint8Array, { a: 5 }, { nowMs: NOW + RETENTION_MS }), 'gone')
})

test('what is left of a wrapper becomes a batch that reaches as far', async () => {
  const inner = Buffer.concat([
    message(0, 'a', text('1')),
    message(1, 'b', text('2')),
    message(2, 'a', text('3')),
    message(3, 'c', text('4')),
  ])
  const wrapper = message(13, null, gzipSync(inner), 1)
  assert.equal(await clean(wrapper, { a: 10, b: 11, c: 13 }, { keys: NO_KEYS }), 'same')
  const cleaned = await clean(wrapper, { a: 99, b: 11, c: 13 })
  assert.deepEqual(recordsIn(cleaned), [
    [11, '2', T0],
    [13, '4', T0],
  ])
  const short = await clean(wrapper, { a: 99, b: 11, c: 99 })
  assert.equal(batch.lastOffset(short as Uint8Array), 13)
})

test('nanoseconds for timestamps are kept as they are, and no horizon is counted from them', async () => {
  const bytes = keyedBatch([
    { key: 'a', value: '1' },
    { key: 'b', value: null },
    { key: 'c', value: '3' },
  ])
  const nanoseconds = Uint8Array.of(0x18, 0x86, 0, 0, 0, 0, 0, 7)
  bytes.set(nanoseconds, 27)
  bytes.set(nanoseconds, 35)
  batch.sealBatch(bytes)
  const cleaned = await clean(bytes, { a: 9, b: 1, c: 2 })
  assert.ok(cleaned instanceof Uint8Array)
  assert.equal(batch.batchDamage(cleaned), undefined)
  assert.deepEqual(cleaned.subarray(27, 43), bytes.subarray(27, 43))
  assert.equal(batch.deleteHorizonMs(cleaned), undefined)
  assert.equal(batch.recordCount(cleaned), 2)
})

test('with LogAppendTime all records keep the time of their batch, also behind a horizon', async () => {
  const builder = new BatchBuilder({ timestampType: 'LogAppendTime', compression: 'lz4' })
  for (const key of ['a', 'b', 'c']) {
    builder.append({ key, value: key === 'b' ? null : key, timestamp: T0 + 500 })
  }
  const cleaned = await clean(builder.build(), { a: 9, b: 1, c: 2 })
  assert.deepEqual(recordsIn(cleaned), [
    [1, null, T0 + 500],
    [2, 'c', T0 + 500],
  ])
  assert.equal(batch.deleteHorizonMs(cleaned as Uint8Array), NOW + RETENTION_MS)
})

test('the largest delete.retention.ms sets no horizon, so tombstones stay for ever', async () => {
  const bytes = keyedBatch([{ key: 'a', value: null }])
  assert.equal(await clean(bytes, { a: 0 }, { deleteRetentionMs: 2 ** 63 }), 'same')
})

test('records without a key go, those behind the known keys stay', async () => {
  const bytes = keyedBatch([
    { key: null, value: '1' },
    { key: 'a', value: '2' },
  ])
  assert.deepEqual(recordsIn(await clean(bytes, { a: 1 })), [[1, '2', T0]])
  assert.equal(await clean(bytes, {}, { keys: NO_KEYS }), 'same')
})

test('the batch in front of what is not compacted stays as a header', async () => {
  const bytes = keyedBatch([{ key: 'a', value: '1' }], { compression: 'zstd' })
  assert.equal(await clean(bytes, { a: 9 }), 'gone')
  const cleaned = await clean(bytes, { a: 9 }, { endOffset: 1 })
  assert.deepEqual(recordsIn(cleaned), [])
  const { lastOffsetDelta, attributes, maxTimestamp } = batch.readHeader(cleaned as Uint8Array)
  assert.deepEqual([lastOffsetDelta, attributes, maxTimestamp], [0, 0, T0])
})
