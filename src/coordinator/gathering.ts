import * as batch from '../records/batch.ts'
import { BATCH_OVERHEAD_BYTES, NO_PRODUCER_EPOCH, NO_PRODUCER_ID } from '../records/batch.ts'
import { BatchBuilder } from '../records/builder.ts'
import type { CompressionName } from '../records/compression/compression.ts'
import type { Prepared } from '../records/validate.ts'
import type { ProducerOfRecord, StoredRecord } from './machine.ts'

/** What the fields of a record take besides key and value, at most: size, attributes, timestamp and
 *  offset deltas, two sizes and a count of headers. */
const MAX_RECORD_OVERHEAD_BYTES = 5 + 1 + 10 + 5 + 5 + 5 + 1

/** The most that a record may add to a batch. */
export function maxRecordBytes({ key, value }: StoredRecord): number {
  return MAX_RECORD_OVERHEAD_BYTES + key.length + (value?.length ?? 0)
}

export interface GatheringOptions {
  /** Offset that its first record will get. */
  readonly baseOffset: number
  /** Whose transaction all its records belong to. */
  readonly producer: ProducerOfRecord | undefined
  readonly compression: CompressionName
  readonly timestampType: batch.TimestampType
  /** The most the batch may become, before compression. */
  readonly maxBytes: number
  /** What `scratch` was after an earlier batch. */
  readonly scratch: Uint8Array | undefined
}

/** Records of one turn on their way into one batch. */
export class Gathering {
  readonly baseOffset: number
  readonly producer: ProducerOfRecord | undefined
  readonly #maxBytes: number
  readonly #builder: BatchBuilder

  constructor(options: GatheringOptions) {
    const { baseOffset, producer, compression, timestampType, maxBytes, scratch } = options
    this.baseOffset = baseOffset
    this.producer = producer
    this.#maxBytes = maxBytes
    this.#builder = new BatchBuilder(
      {
        compression,
        timestampType,
        baseSequence: 0, // of records without a producer too, as in Kafka
        ...(producer !== undefined && { ...producer, isTransactional: true }),
      },
      scratch,
    )
  }

  /** Memory that the next batch may be gathered in once this one is built. */
  get scratch(): Uint8Array {
    return this.#builder.scratch
  }

  /** Bytes that can still be added. */
  get roomBytes(): number {
    return this.#maxBytes - this.#builder.sizeBytes
  }

  /** Adds a record; its bytes are copied. */
  add({ key, value }: StoredRecord, nowMs: number): void {
    this.#builder.append({ key, value, timestamp: nowMs })
  }

  /** The batch, complete but for its offset and epoch. Compressing it takes the loop's time, which its
   *  bound keeps to some ms. */
  build(): Prepared {
    const bytes = this.#builder.build()
    const maxTimestamp = batch.maxTimestamp(bytes)
    const isAppendTime = batch.timestampType(bytes) === 'LogAppendTime'
    return {
      bytes,
      logAppendTimeMs: isAppendTime ? maxTimestamp : -1,
      maxTimestamp,
      offsetOfMaxTimestamp: batch.lastOffsetDelta(bytes),
      recordCount: this.#builder.count,
      producerId: this.producer?.producerId ?? NO_PRODUCER_ID,
      producerEpoch: this.producer?.producerEpoch ?? NO_PRODUCER_EPOCH,
      baseSequence: batch.baseSequence(bytes),
      isTransactional: this.producer !== undefined,
    }
  }
}

/** Bytes that records may take in one batch. */
export function roomOfBatch(maxBytes: number): number {
  return maxBytes - BATCH_OVERHEAD_BYTES
}
