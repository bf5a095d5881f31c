import * as batch from './batch.ts'
import { BatchBuilder } from './builder.ts'
import { type CompressionName, codecs, compressionNames } from './compression/compression.ts'
import { convertLegacy } from './legacy.ts'
import { recordsOf } from './records.ts'
import { type AppendRules, prepareAppend } from './validate.ts'

/** One decoder of bytes from outside, for the fuzzer in `test/fuzz`. */
export interface FuzzTarget {
  readonly name: string
  /** Inputs that are right, to be damaged. */
  readonly samples: readonly Uint8Array[]
  /** Returns or throws KafkaError, in bounded time and memory. */
  run(bytes: Uint8Array): unknown
}

/** The bound of every decompression while fuzzing: a few times what the samples need. */
const MAX_BYTES = 1_000_000

const rules: AppendRules = {
  topic: 'fuzz',
  compacted: true,
  timestampType: 'CreateTime',
  timestampBeforeMaxMs: 1_000_000,
  timestampAfterMaxMs: 1_000_000,
  maxMessageBytes: MAX_BYTES,
  segmentBytes: MAX_BYTES,
  compressionType: 'producer',
  levels: {},
  trustsCompressed: false,
  maxDecompressedBytes: MAX_BYTES,
}

/** A batch as producers send it, small so that damage hits something that matters. */
function sample(compression: CompressionName): Uint8Array {
  const headers = [{ key: 'trace', value: Uint8Array.of(1, 2, 3) }]
  return new BatchBuilder({ compression, producerId: 3, producerEpoch: 0, baseSequence: 0 })
    .append({ key: 'key', value: 'value'.repeat(30), timestamp: 500, headers })
    .append({ key: 'key', value: null, timestamp: 501 })
    .append({ key: '', value: '', timestamp: 499 })
    .build()
}

/** `bytes` with a right checksum where a batch's would be, so that fuzzing gets past it. */
function sealed(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice()
  if (batch.nextBatchSize(copy, 0) >= batch.BATCH_OVERHEAD_BYTES) batch.sealBatch(copy)
  return copy
}

/** An empty v0 message and a v1 message of a key and a value. */
const legacySamples = [
  Uint8Array.of(
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    9,
    0,
    0,
    0,
    14,
    0,
    0,
    0,
    0,
    0,
    0,
    255,
    255,
    255,
    255,
    0,
    0,
    0,
    0,
  ),
  Uint8Array.of(
    ...[0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 24, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 5],
    ...[0, 0, 0, 1, 107, 0, 0, 0, 1, 118],
  ),
]

export const fuzzTargets: readonly FuzzTarget[] = [
  {
    name: 'records: produced batch',
    samples: compressionNames.map(sample),
    run: (bytes) => prepareAppend(sealed(bytes), rules, 500),
  },
  {
    name: 'records: stored batches',
    samples: compressionNames.map(sample),
    run(bytes) {
      const input = sealed(bytes)
      batch.forEachBatch(input, (at) => {
        if (batch.batchDamage(input, at)) return
        for (const record of recordsOf(input, at, MAX_BYTES)) record.headers.length
      })
    },
  },
  {
    name: 'records: legacy message set',
    samples: legacySamples,
    run: (bytes) => convertLegacy(bytes, MAX_BYTES),
  },
  ...compressionNames.map((name) => ({
    name: `records: ${name}`,
    samples: [codecs[name].compressSync(new Uint8Array(500).fill(7), undefined)],
    run: (bytes: Uint8Array) => codecs[name].decompressSync(bytes, MAX_BYTES),
  })),
]
