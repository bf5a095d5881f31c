/**
 * How fast produced batches are checked, walked, compressed and looked into.
 * Run: `node bench/records.ts`. One process, one core; the best of many short rounds each, so that
 * other work on the machine shows little.
 */
import { BATCH_OVERHEAD_BYTES, batchDamage } from '../src/records/batch.ts'
import { BatchBuilder } from '../src/records/builder.ts'
import {
  type CompressionName,
  codecs,
  compressionNames,
} from '../src/records/compression/compression.ts'
import { RecordCursor } from '../src/records/cursor.ts'
import { recordsOf } from '../src/records/records.ts'
import { type AppendRules, prepareAppend } from '../src/records/validate.ts'

const ROUNDS = 60
const ROUND_MS = 8
const NOW = 1_800_000_000_000

const rules: AppendRules = {
  topic: 'bench',
  compacted: false,
  timestampType: 'CreateTime',
  timestampBeforeMaxMs: Number.MAX_SAFE_INTEGER,
  timestampAfterMaxMs: 3_600_000,
  maxMessageBytes: 10_000_000,
  segmentBytes: 1_073_741_824,
  compressionType: 'producer',
  levels: {},
  trustsCompressed: false,
  maxDecompressedBytes: 100_000_000,
}

/** @returns milliseconds of one call in the best round. */
function measure(run: () => unknown): number {
  let best = Number.POSITIVE_INFINITY
  let calls = 1
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now()
    for (let call = 0; call < calls; call++) run()
    const tookMs = performance.now() - start
    best = Math.min(best, tookMs / calls)
    calls = Math.max(1, Math.round(ROUND_MS / best))
  }
  return best
}

function report(name: string, records: number, bytes: number, run: () => unknown): void {
  const tookMs = measure(run)
  const columns = [
    name.padEnd(46),
    `${(tookMs * 1_000).toFixed(2)} µs`.padStart(12),
    `${(records / tookMs / 1_000).toFixed(1)} M records/s`.padStart(18),
    `${(bytes / tookMs / 1e6).toFixed(2)} GB/s`.padStart(12),
  ]
  console.log(columns.join(' '))
}

/** Values that look a little like text, so that codecs have something to do. */
function batchOf(count: number, valueBytes: number, compression: CompressionName = 'none') {
  const builder = new BatchBuilder({
    compression,
    producerId: 7,
    producerEpoch: 0,
    baseSequence: 0,
  })
  for (let index = 0; index < count; index++) {
    const value = new Uint8Array(valueBytes)
    for (let at = 0; at < valueBytes; at++) value[at] = 97 + (((at * index) ^ (at >> 2)) % 26)
    builder.append({ value, timestamp: NOW + (index >> 8) })
  }
  return builder.build()
}

function walk(bytes: Uint8Array): number {
  const cursor = new RecordCursor(bytes, 0, bytes, BATCH_OVERHEAD_BYTES)
  let sum = 0
  while (cursor.next()) sum += cursor.valueBytes
  return sum
}

const shapes = [
  ['1 MB of 100 B', 10_000, 100],
  ['1 MB of 1 KB', 1_000, 1_024],
  ['16 KB of 100 B', 150, 100],
  ['one record of 100 B', 1, 100],
] as const

for (const [shape, count, valueBytes] of shapes) {
  const bytes = batchOf(count, valueBytes)
  report(`CRC and header, ${shape}`, count, bytes.length, () => batchDamage(bytes))
  report(`walk, ${shape}`, count, bytes.length, () => walk(bytes))
  report(`prepareAppend, ${shape}`, count, bytes.length, () => prepareAppend(bytes, rules, NOW))
}
const large = batchOf(10_000, 100)
report('recordsOf, 1 MB of 100 B', 10_000, large.length, () => {
  for (const record of recordsOf(large, 0, large.length)) record.value
})
report('BatchBuilder, 1 MB of 100 B', 10_000, large.length, () => {
  const builder = new BatchBuilder()
  const record = { value: large.subarray(100, 200), timestamp: NOW }
  for (let index = 0; index < 10_000; index++) builder.append(record)
  return builder.build()
})
for (const compression of compressionNames.slice(1)) {
  const packed = batchOf(10_000, 100, compression)
  const plain = large.subarray(BATCH_OVERHEAD_BYTES)
  const records = codecs[compression].compressSync(plain, undefined)
  report(`prepareAppend as it is, ${compression}`, 10_000, large.length, () =>
    prepareAppend(packed, rules, NOW),
  )
  report(`compress, ${compression}`, 10_000, large.length, () =>
    codecs[compression].compressSync(plain, undefined),
  )
  report(`decompress, ${compression}`, 10_000, large.length, () =>
    codecs[compression].decompressSync(records, plain.length),
  )
}
