import { sizeOfVarint, sizeOfVarlong, writeVarint, writeVarlong } from '../kernel/varint.ts'
import * as batch from './batch.ts'
import { type CompressionName, codecs, compress, compressionId } from './compression/compression.ts'
import type { RecordHeader } from './cursor.ts'

/** What a batch says about itself. Everything left out is as an ordinary producer has it. */
export interface BatchOptions {
  readonly compression?: CompressionName
  /** Effort on the codec's own scale. */
  readonly level?: number
  readonly baseOffset?: number
  readonly leaderEpoch?: number
  readonly producerId?: number
  readonly producerEpoch?: number
  readonly baseSequence?: number
  readonly isTransactional?: boolean
  readonly isControl?: boolean
  /** With LogAppendTime the batch's maximum counts for every record. */
  readonly timestampType?: batch.TimestampType
  /** Takes the place of the base timestamp (KIP-534). */
  readonly deleteHorizonMs?: number
}

/** One record to write. Absent key: null. Absent value: null, a tombstone. */
export interface RecordInput {
  readonly key?: Uint8Array | string | null
  readonly value?: Uint8Array | string | null
  readonly headers?: readonly RecordHeader[]
  /** Ms since 1970. */
  readonly timestamp: number
}

const FIRST_BUFFER_BYTES = 1_024

interface EncodedHeader {
  readonly key: Uint8Array
  readonly value: Uint8Array | null
}

const NO_HEADERS: readonly EncodedHeader[] = []

/** Puts records together into one v2 batch, in the order they are appended. For one batch. */
export class BatchBuilder {
  readonly #options: BatchOptions
  readonly #utf8 = new TextEncoder()
  /** Room for the header, then the records so far, uncompressed. */
  #bytes: Uint8Array
  #end = batch.BATCH_OVERHEAD_BYTES
  #count = 0
  #lastOffsetDelta = -1
  #baseTimestamp: number | undefined
  #maxTimestamp = batch.NO_TIMESTAMP

  /** @param scratch for what is not finished yet: nobody else may use it until the batch is built. */
  constructor(
    options: BatchOptions = {},
    scratch: Uint8Array = new Uint8Array(FIRST_BUFFER_BYTES),
  ) {
    this.#options = options
    this.#bytes = scratch
    this.#baseTimestamp = options.deleteHorizonMs
  }

  get count(): number {
    return this.#count
  }

  /** Bytes of the batch as it is now, before compression. */
  get sizeBytes(): number {
    return this.#end
  }

  /** The scratch, or what took its place when it was too small. Once the batch is built by `build`, it
   *  may serve the next builder. */
  get scratch(): Uint8Array {
    return this.#bytes
  }

  /** Adds a record; its bytes are copied. */
  append(record: RecordInput): this {
    return this.appendAt(this.#lastOffsetDelta + 1, record)
  }

  /** As `append`, for batches with gaps: `offsetDelta` is counted from the base offset and grows. */
  appendAt(offsetDelta: number, record: RecordInput): this {
    const key = this.#encode(record.key)
    const value = this.#encode(record.value)
    const headers = record.headers?.length ? this.#encodeHeaders(record.headers) : NO_HEADERS
    this.#baseTimestamp ??= record.timestamp
    const timestampDelta = record.timestamp - this.#baseTimestamp
    let bodyBytes = 1 + sizeOfVarlong(timestampDelta) + sizeOfVarint(offsetDelta)
    bodyBytes += sizeOfField(key) + sizeOfField(value) + sizeOfVarint(headers.length)
    for (const header of headers) bodyBytes += sizeOfField(header.key) + sizeOfField(header.value)

    this.#makeRoom(sizeOfVarint(bodyBytes) + bodyBytes)
    let at = writeVarint(this.#bytes, this.#end, bodyBytes)
    this.#bytes[at++] = 0 // attributes
    at = writeVarlong(this.#bytes, at, timestampDelta)
    at = writeVarint(this.#bytes, at, offsetDelta)
    at = writeField(this.#bytes, at, key)
    at = writeField(this.#bytes, at, value)
    at = writeVarint(this.#bytes, at, headers.length)
    for (const header of headers) {
      at = writeField(this.#bytes, at, header.key)
      at = writeField(this.#bytes, at, header.value)
    }
    this.#end = at
    this.#count++
    this.#lastOffsetDelta = offsetDelta
    this.#maxTimestamp = Math.max(this.#maxTimestamp, record.timestamp)
    return this
  }

  /**
   * The finished batch, in a buffer of its own; the builder is not used again.
   * @param lastOffsetDelta when the batch covers offsets behind its last record, as after compaction.
   */
  build(lastOffsetDelta = this.#lastOffsetDelta): Uint8Array {
    const { compression = 'none', level } = this.#options
    const codec = codecs[compression]
    return this.#finish(codec.compressSync(this.#records(), level), lastOffsetDelta)
  }

  /** As `build`; large batches are compressed on the thread pool. */
  buildAsync(lastOffsetDelta = this.#lastOffsetDelta): Uint8Array | Promise<Uint8Array> {
    const { compression = 'none', level } = this.#options
    const packed = compress(compression, this.#records(), level)
    if (!(packed instanceof Promise)) return this.#finish(packed, lastOffsetDelta)
    return packed.then((records) => this.#finish(records, lastOffsetDelta))
  }

  #records(): Uint8Array {
    return this.#bytes.subarray(batch.BATCH_OVERHEAD_BYTES, this.#end)
  }

  #finish(records: Uint8Array, lastOffsetDelta: number): Uint8Array {
    const options = this.#options
    return writeBatch(records, {
      baseOffset: options.baseOffset ?? 0,
      leaderEpoch: options.leaderEpoch ?? -1,
      attributes: attributesOf(options),
      lastOffsetDelta,
      baseTimestamp: this.#baseTimestamp ?? batch.NO_TIMESTAMP,
      maxTimestamp: this.#maxTimestamp,
      producerId: options.producerId ?? batch.NO_PRODUCER_ID,
      producerEpoch: options.producerEpoch ?? batch.NO_PRODUCER_EPOCH,
      baseSequence: options.baseSequence ?? batch.NO_SEQUENCE,
      recordCount: this.#count,
    })
  }

  #encode(field: Uint8Array | string | null | undefined): Uint8Array | null {
    return typeof field === 'string' ? this.#utf8.encode(field) : (field ?? null)
  }

  #encodeHeaders(headers: readonly RecordHeader[]): EncodedHeader[] {
    return headers.map(({ key, value }) => ({ key: this.#utf8.encode(key), value }))
  }

  #makeRoom(bytes: number): void {
    if (this.#end + bytes <= this.#bytes.length) return
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#end + bytes))
    larger.set(this.#bytes.subarray(0, this.#end))
    this.#bytes = larger
  }
}

/** A batch in a buffer of its own: `records` as they are (compressed as `header` says) behind it. */
export function writeBatch(records: Uint8Array, header: batch.BatchHeader): Uint8Array {
  const bytes = new Uint8Array(batch.BATCH_OVERHEAD_BYTES + records.length)
  bytes.set(records, batch.BATCH_OVERHEAD_BYTES)
  batch.writeHeader(bytes, header)
  return bytes
}

function attributesOf(options: BatchOptions): number {
  let attributes = compressionId(options.compression ?? 'none')
  if (options.timestampType === 'LogAppendTime') attributes |= batch.LOG_APPEND_TIME_BIT
  if (options.isTransactional) attributes |= batch.TRANSACTIONAL_BIT
  if (options.isControl) attributes |= batch.CONTROL_BIT
  if (options.deleteHorizonMs !== undefined) attributes |= batch.DELETE_HORIZON_BIT
  return attributes
}

function sizeOfField(field: Uint8Array | null): number {
  return field === null ? 1 : sizeOfVarint(field.length) + field.length
}

function writeField(bytes: Uint8Array, at: number, field: Uint8Array | null): number {
  if (field === null) return writeVarint(bytes, at, -1)
  const fieldAt = writeVarint(bytes, at, field.length)
  bytes.set(field, fieldAt)
  return fieldAt + field.length
}
