import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { writeBigInt64, writeInt32 } from '../kernel/bytes.ts'
import { KafkaError } from '../protocol/errors.ts'
import * as batch from './batch.ts'
import { checkCodecAllowed } from './batch-rules.ts'
import { BatchBuilder, type BatchOptions, type RecordInput, writeBatch } from './builder.ts'
import { compressionNames } from './compression/compression.ts'
import { anyRecords, defaultRules, kafkaError, MANY_BYTES, SEED } from './fixtures-for-test.ts'
import { recordsOf } from './records.ts'
import { type AppendRules, type Prepared, prepareAppend, RecordsRefused } from './validate.ts'

const NOW = 1_800_000_000_000
const HOUR = 3_600_000

function batchOf(options: BatchOptions, ...records: readonly Partial<RecordInput>[]): Uint8Array {
  const builder = new BatchBuilder(options)
  for (const record of records) builder.append({ key: 'k', value: 'v', timestamp: NOW, ...record })
  return builder.build()
}

/** Prepares at once: for what is small or refused. */
function prepare(bytes: Uint8Array, rules: Partial<AppendRules> = {}): Prepared {
  const result = prepareAppend(bytes, { ...defaultRules, ...rules }, NOW)
  assert.ok(!(result instanceof Promise))
  return result
}

function refusal(bytes: Uint8Array, rules: Partial<AppendRules> = {}): KafkaError {
  try {
    prepare(bytes, rules)
  } catch (error) {
    if (error instanceof KafkaError) return error
    throw error
  }
  throw new assert.AssertionError({ message: 'the batch was accepted' })
}

/** `bytes` after `change`, with a right checksum again. */
function changed(bytes: Uint8Array, change: (copy: Uint8Array) => void): Uint8Array {
  const copy = bytes.slice()
  change(copy)
  batch.sealBatch(copy)
  return copy
}

const plain = batchOf({}, {}, { timestamp: NOW + 5 }, { key: null })
const two = (first: Uint8Array, second: Uint8Array) => Uint8Array.of(...first, ...second)

test('a good batch is passed on in the same bytes, with what its header says', () => {
  const idempotent = { producerId: 4, producerEpoch: 5, baseSequence: 6, isTransactional: true }
  const bytes = batchOf(idempotent, { timestamp: NOW - 9 }, { timestamp: NOW + 9 }, {})
  const before = bytes.slice()
  const prepared = prepare(bytes)
  assert.equal(prepared.bytes, bytes)
  assert.deepEqual(bytes, before)
  assert.deepEqual(prepared, {
    bytes,
    logAppendTimeMs: -1,
    maxTimestamp: NOW + 9,
    offsetOfMaxTimestamp: 2,
    recordCount: 3,
    ...idempotent,
  })
})

// One row per rule of a batch; the rules are Kafka's, and so are their codes.
const refused: readonly (readonly [
  why: string,
  error: string,
  bytes: Uint8Array,
  rules?: Partial<AppendRules>,
])[] = [
  ['nothing', 'INVALID_RECORD', new Uint8Array(0)],
  ['half a header', 'INVALID_RECORD', plain.subarray(0, 30)],
  ['a cut-off batch', 'INVALID_RECORD', plain.subarray(0, -1)],
  ['two batches', 'INVALID_RECORD', two(plain, plain)],
  ['garbage behind the batch', 'CORRUPT_MESSAGE', two(plain, new Uint8Array(40))],
  ['magic 1', 'INVALID_RECORD', changed(plain, (b) => b.fill(1, 16, 17))],
  ['magic 3', 'CORRUPT_MESSAGE', changed(plain, (b) => b.fill(3, 16, 17))],
  ['a base offset above 0', 'INVALID_RECORD', batchOf({ baseOffset: 1 }, {})],
  ['a base offset of 2^63 - 1', 'INVALID_RECORD', changed(plain, (b) => b.fill(0x7f, 0, 8))],
  ['one byte too many', 'MESSAGE_TOO_LARGE', plain, { maxMessageBytes: plain.length - 1 }],
  ['a size above the segment', 'RECORD_LIST_TOO_LARGE', plain, { segmentBytes: plain.length - 1 }],
  ['a wrong checksum', 'CORRUPT_MESSAGE', plain.map((byte, at) => (at === 17 ? byte ^ 1 : byte))],
  ['no record', 'INVALID_RECORD', batchOf({})],
  ['a count of 0', 'INVALID_RECORD', changed(plain, (b) => writeInt32(b, 57, 0))],
  ['a negative count', 'INVALID_RECORD', changed(plain, (b) => writeInt32(b, 57, -3))],
  ['a count above the offsets', 'INVALID_RECORD', changed(plain, (b) => writeInt32(b, 57, 4))],
  ['a negative last offset', 'INVALID_RECORD', changed(plain, (b) => writeInt32(b, 23, -1))],
  ['more offsets than records', 'INVALID_RECORD', changed(plain, (b) => writeInt32(b, 23, 3))],
  ['control records', 'INVALID_RECORD', batchOf({ isControl: true }, {})],
  ['a producer without sequence', 'INVALID_RECORD', batchOf({ producerId: 1 }, {})],
  ['a transaction without producer', 'INVALID_RECORD', batchOf({ isTransactional: true }, {})],
  ['codec 5', 'UNSUPPORTED_COMPRESSION_TYPE', changed(plain, (b) => b.fill(5, 22, 23))],
  ['damaged records', 'INVALID_RECORD', changed(plain, (b) => b.fill(9, 61, 62))],
  [
    'a record behind the last',
    'INVALID_RECORD',
    changed(batchOf({}, {}, {}), (b) => {
      writeInt32(b, 57, 1)
      writeInt32(b, 23, 0)
    }),
  ],
]
for (const [why, error, bytes, rules] of refused) {
  test(`${why}: ${error}`, () => assert.equal(refusal(bytes.slice(), rules).error, error))
}

test('errors name the partition', () => {
  assert.match(refusal(batchOf({})).message, /^orders-3: /)
})

test('a cut-off rest behind the batch is left out, as Kafka does', () => {
  const prepared = prepare(two(plain, plain.subarray(0, 20)))
  assert.deepEqual(prepared.bytes, plain)
})

test('coordinators may write control records and offsets of their own', () => {
  const bytes = batchOf(
    { isControl: true, isTransactional: true, producerId: 3, baseOffset: 9 },
    {},
  )
  const rules = { origin: 'coordinator', compressionType: 'zstd', compacted: true } as const
  assert.equal(prepare(bytes, rules).bytes, bytes)
})

for (const compression of compressionNames) {
  test(`${compression}: a compacted topic names each record without a key`, () => {
    const bytes = batchOf({ compression }, { key: null }, {}, { key: null })
    const error = refusal(bytes, { compacted: true })
    assert.ok(error instanceof RecordsRefused)
    assert.equal(error.error, 'INVALID_RECORD')
    assert.deepEqual(
      error.recordErrors.map((record) => record.batchIndex),
      [0, 2],
    )
    assert.equal(prepare(batchOf({ compression }, { key: '' }), { compacted: true }).recordCount, 1)
  })

  test(`${compression}: timestamps outside of the window are named one by one`, () => {
    const window = { timestampBeforeMaxMs: 1_000, timestampAfterMaxMs: 500 }
    const inside = [{ timestamp: NOW - 1_000 }, { timestamp: NOW + 500 }, { timestamp: -1 }]
    assert.equal(prepare(batchOf({ compression }, ...inside), window).recordCount, 3)
    const outside = [...inside, { timestamp: NOW - 1_001 }, {}, { timestamp: NOW + 501 }]
    const error = refusal(batchOf({ compression }, ...outside), window)
    assert.ok(error instanceof RecordsRefused)
    assert.equal(error.error, 'INVALID_TIMESTAMP')
    assert.deepEqual(
      error.recordErrors.map((record) => record.batchIndex),
      [3, 5],
    )
    assert.equal(prepare(batchOf({ compression }, { timestamp: 0 })).maxTimestamp, 0)
    assert.equal(
      refusal(batchOf({ compression }, {}, { timestamp: NOW + HOUR + 1 })).error,
      'INVALID_TIMESTAMP',
    )
  })

  test(`${compression}: LogAppendTime is stamped in place`, () => {
    const bytes = batchOf({ compression }, { timestamp: 5 }, { timestamp: NOW * 2 })
    const prepared = prepare(bytes, { timestampType: 'LogAppendTime' })
    assert.equal(prepared.bytes, bytes)
    assert.equal(batch.batchDamage(bytes), undefined)
    assert.deepEqual(
      [prepared.logAppendTimeMs, prepared.maxTimestamp, prepared.offsetOfMaxTimestamp],
      [NOW, NOW, 1],
    )
    assert.deepEqual(
      [...recordsOf(bytes, 0, 1_000)].map((r) => r.timestamp),
      [NOW, NOW],
    )
  })

  test(`${compression}: producers may not claim LogAppendTime`, () => {
    const claimed = batchOf({ compression, timestampType: 'LogAppendTime' }, {}, {})
    const error = refusal(claimed.slice(), { timestampType: 'LogAppendTime' })
    assert.ok(error instanceof RecordsRefused)
    assert.equal(error.error, 'INVALID_TIMESTAMP')
    assert.equal(error.recordErrors.length, 2)
    // With CreateTime Kafka takes the claim back and looks at the window only.
    const prepared = prepare(claimed)
    assert.equal(batch.timestampType(prepared.bytes), 'CreateTime')
    assert.equal(batch.batchDamage(prepared.bytes), undefined)
  })

  test(`${compression}: wrong offset deltas are put right`, () => {
    const builder = new BatchBuilder({ compression: 'none' })
    const values = [3, 0, 70, 9_000, 70].map((delta, index) => {
      builder.appendAt(delta, { key: 'k', value: `v${index}`, timestamp: NOW + index })
      return `v${index}`
    })
    const wrong = builder.build(4)
    const rules = { compressionType: compression === 'none' ? 'producer' : compression } as const
    const prepared = prepare(wrong, rules)
    const read = [...recordsOf(prepared.bytes, 0, 10_000)]
    assert.deepEqual(
      read.map((record) => record.offset),
      [0, 1, 2, 3, 4],
    )
    assert.deepEqual(
      read.map((r) => Buffer.from(r.value ?? []).toString()),
      values,
    )
    assert.deepEqual(
      read.map((record) => record.timestamp - NOW),
      [0, 1, 2, 3, 4],
    )
    assert.equal(prepared.maxTimestamp, NOW + 4)
  })
}

test('a wrong largest timestamp of an uncompressed batch is put right', () => {
  const bytes = changed(plain, (copy) => writeBigInt64(copy, 35, 77n))
  assert.equal(prepare(bytes).maxTimestamp, NOW + 5)
  assert.equal(batch.maxTimestamp(bytes), NOW + 5)
  assert.equal(batch.batchDamage(bytes), undefined)
})

test('timestamps in nanoseconds are outside of any window', () => {
  const bytes = changed(plain, (copy) => {
    for (const at of [27, 35]) writeBigInt64(copy, at, BigInt(NOW) * 1_000_000n)
  })
  assert.equal(refusal(bytes).error, 'INVALID_TIMESTAMP')
})

test('a batch without any timestamp has no place in the time index', () => {
  const prepared = prepare(batchOf({}, { timestamp: -1 }, { timestamp: -1 }))
  assert.deepEqual([prepared.maxTimestamp, prepared.offsetOfMaxTimestamp], [-1, -1])
})

test('a wrong timestamp decides the code when keys are missing too, and 1,000 are named', () => {
  const bad = [{ key: null }, { timestamp: 0 }]
  const records = [...bad, ...Array<Partial<RecordInput>>(2_000).fill({ key: null })]
  const error = refusal(batchOf({}, ...records), { compacted: true, timestampBeforeMaxMs: 10 })
  assert.ok(error instanceof RecordsRefused)
  assert.equal(error.error, 'INVALID_TIMESTAMP')
  assert.equal(error.recordErrors.length, 1_000)
  assert.match(error.message, /2002 records/)
})

test('a compressed batch is looked into, by a trusting topic only where a rule needs it', () => {
  const nonsense = batchOf({ compression: 'gzip' }, {}).fill(0xaa, batch.BATCH_OVERHEAD_BYTES)
  batch.sealBatch(nonsense)
  assert.equal(refusal(nonsense).error, 'CORRUPT_MESSAGE')
  const trusting = { trustsCompressed: true }
  assert.equal(prepare(nonsense, trusting).bytes, nonsense)
  const needing = [
    { compacted: true },
    { compressionType: 'lz4' },
    { timestampBeforeMaxMs: 1_000 },
  ] as const
  for (const rules of needing) {
    assert.equal(refusal(nonsense, { ...trusting, ...rules }).error, 'CORRUPT_MESSAGE')
  }
})

test('a batch that becomes too large when decompressed is refused', () => {
  const bomb = batchOf({ compression: 'zstd' }, { value: new Uint8Array(3_000_000) })
  const rules = { ...defaultRules, compacted: true, maxDecompressedBytes: 1_000_000 }
  assert.throws(() => prepareAppend(bomb, rules, NOW), kafkaError('MESSAGE_TOO_LARGE'))
})

test('max.message.bytes holds after recompression too', () => {
  const bytes = batchOf({ compression: 'zstd' }, { value: new Uint8Array(50_000) })
  const rules = { compressionType: 'uncompressed', maxMessageBytes: 50_000 } as const
  assert.equal(refusal(bytes, rules).error, 'MESSAGE_TOO_LARGE')
})

const targets = ['producer', 'uncompressed', 'gzip', 'snappy', 'lz4', 'zstd'] as const

for (const compression of compressionNames) {
  test(`${compression}: every compression.type keeps every record (seed ${SEED})`, async () => {
    await fc.assert(
      fc.asyncProperty(anyRecords, fc.constantFrom(...targets), async (records, target) => {
        const bytes = batchOf({ compression, producerId: 1, baseSequence: 0 }, ...records)
        const expected = [...recordsOf(bytes, 0, MANY_BYTES)]
        const rules = { ...defaultRules, compressionType: target, timestampAfterMaxMs: 2 ** 50 }
        const prepared = await prepareAppend(bytes, rules, NOW)
        const stored = target === 'uncompressed' ? 'none' : target
        assert.equal(
          batch.compressionOf(prepared.bytes),
          stored === 'producer' ? compression : stored,
        )
        assert.equal(prepared.bytes === bytes, stored === 'producer' || stored === compression)
        assert.equal(batch.batchDamage(prepared.bytes), undefined)
        assert.equal(batch.producerId(prepared.bytes), 1)
        assert.equal(prepared.maxTimestamp, batch.maxTimestamp(prepared.bytes))
        assert.deepEqual([...recordsOf(prepared.bytes, 0, MANY_BYTES)], expected)
      }),
      { seed: SEED, numRuns: 40 },
    )
  })
}

test('a large batch is recompressed off the loop', async () => {
  const bytes = batchOf({}, { value: new Uint8Array(200_000) }, { value: new Uint8Array(200_000) })
  const later = prepareAppend(bytes, { ...defaultRules, compressionType: 'gzip' }, NOW)
  assert.ok(later instanceof Promise)
  assert.equal([...recordsOf((await later).bytes, 0, MANY_BYTES)].length, 2)
})

test('any flipped bit outside of the leader epoch is refused', () => {
  const bytes = batchOf({ producerId: 1, baseSequence: 0 }, {}, { headers: [] })
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    if (bit >= 12 * 8 && bit < 16 * 8) continue
    const copy = bytes.slice()
    copy[bit >> 3]! ^= 1 << (bit & 7)
    assert.throws(() => prepareAppend(copy, defaultRules, NOW), KafkaError, `bit ${bit}`)
  }
})

test(`records that lie behind a right checksum end in KafkaError or a batch (seed ${SEED})`, () => {
  const header = batch.readHeader(plain)
  const small = fc.oneof(
    { weight: 4, arbitrary: fc.nat(12) },
    { weight: 1, arbitrary: fc.nat(255) },
  )
  fc.assert(
    fc.property(
      fc.array(small, { maxLength: 60 }),
      fc.integer({ min: 1, max: 3 }),
      (body, count) => {
        const counts = { recordCount: count, lastOffsetDelta: count - 1 }
        const bytes = writeBatch(Uint8Array.from(body), { ...header, ...counts })
        try {
          assert.equal(prepare(bytes, { timestampAfterMaxMs: 2 ** 52 }).recordCount, count)
        } catch (error) {
          assert.ok(error instanceof KafkaError, String(error))
        }
      },
    ),
    { seed: SEED, numRuns: 2_000 },
  )
})

test('zstd needs produce version 7', () => {
  const bytes = batchOf({ compression: 'zstd' }, {})
  checkCodecAllowed(bytes, 7)
  checkCodecAllowed(plain, 3)
  checkCodecAllowed(bytes.subarray(0, 20), 3)
  assert.throws(() => checkCodecAllowed(bytes, 6), kafkaError('UNSUPPORTED_COMPRESSION_TYPE'))
})
