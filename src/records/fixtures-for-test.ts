import fc from 'fast-check'
import { KafkaError } from '../protocol/errors.ts'
import type { AppendRules } from './validate.ts'

/** What the tests of this folder share. */

/** One seed per run of the tests, printed by whoever uses it, or the one to be repeated. */
export const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 0x7fff_ffff))

export const anyBytes = fc.uint8Array({ maxLength: 300 })

/** Plain objects, as readers make them. */
const plain = { noNullPrototype: true }

const anyHeader = fc.record(
  { key: fc.string({ unit: 'grapheme', maxLength: 80 }), value: fc.option(anyBytes) },
  plain,
)

export const anyRecord = fc.record(
  {
    key: fc.option(anyBytes),
    value: fc.option(anyBytes),
    timestamp: fc.oneof(fc.constant(-1), fc.integer({ min: 0, max: 2 ** 45 }), fc.nat(1_000)),
    headers: fc.oneof(fc.constant([]), fc.array(anyHeader, { maxLength: 3 })),
  },
  plain,
)

export const anyRecords = fc.array(anyRecord, { minLength: 1, maxLength: 150 })

/** Bytes that compress well, and differ everywhere. */
export function sampleBytes(count: number): Uint8Array {
  return new Uint8Array(count).map((_, at) => (at % 97) ^ (at >> 9))
}

export const MANY_BYTES = 100_000_000

/** A topic with Kafka's defaults. */
export const defaultRules: AppendRules = {
  topic: 'orders',
  partition: 3,
  compacted: false,
  timestampType: 'CreateTime',
  timestampBeforeMaxMs: Number.MAX_SAFE_INTEGER,
  timestampAfterMaxMs: 3_600_000,
  maxMessageBytes: 1_048_588,
  segmentBytes: 1_073_741_824,
  compressionType: 'producer',
  levels: {},
  trustsCompressed: false,
  maxDecompressedBytes: MANY_BYTES,
}

/** For `assert.throws`: the name of the error a peer would get. */
export function kafkaError(name: string) {
  return (error: unknown): boolean => error instanceof KafkaError && error.error === name
}
