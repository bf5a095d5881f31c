import {
  readVarint,
  readVarlong,
  sizeOfVarint,
  sizeOfVarlong,
  varintEnd,
  writeVarint,
  writeVarlong,
} from '../../kernel/varint.ts'
import {
  BATCH_OVERHEAD_BYTES,
  NO_SEQUENCE,
  NO_TIMESTAMP,
  writeHeader,
} from '../../records/batch.ts'
import type { DeliveryCallback, RecordMetadata } from './record.ts'

/** A record as it is written: what its parts are and how many bytes they take. */
export interface SerializedRecord {
  readonly key: Uint8Array | null
  /** A text is written as UTF-8. */
  readonly value: Uint8Array | string | null
  /** 0 for null. */
  readonly valueBytes: number
  readonly headers: readonly SerializedHeader[]
  readonly timestamp: number
}

export interface SerializedHeader {
  readonly key: Uint8Array
  readonly value: Uint8Array | null
}

/** Who is told what became of a record: the two sides of its promise, or one callback. */
export type Resolve = (metadata: RecordMetadata) => void
export type Reject = (error: unknown) => void

/** What comes before the records' own parts takes at most so many bytes: length, attributes,
 *  timestamp, offset and number of headers. */
export const RECORD_OVERHEAD_BYTES = 5 + 1 + 10 + 5 + 5
const LENGTH_BYTES = 5

/** Bytes that a record takes in a batch, at most. */
export function sizeLimitOf({ key, valueBytes, headers }: SerializedRecord): number {
  let bytes = RECORD_OVERHEAD_BYTES + 2 * LENGTH_BYTES + (key?.length ?? 0) + valueBytes
  for (const header of headers) {
    bytes += 2 * LENGTH_BYTES + header.key.length + (header.value?.length ?? 0)
  }
  return bytes
}

/**
 * Records of one partition on their way: written where they will be sent from, once, with room for
 * the header before them. It keeps who waits for which record.
 */
export class ProducerBatch {
  /** Place of its first record among all that this producer has for the partition. */
  readonly order: number
  /** When its first record came, on the monotonic clock. */
  readonly createdMs: number
  /** Bytes of `buffer.memory` that it holds. */
  readonly heldBytes: number
  /** -1 until it is sent for the first time. */
  baseSequence = NO_SEQUENCE
  /** How often it was sent. */
  attempts = 0
  /** Whether those who wait were told, while the broker's answer is still awaited. */
  isSettled = false
  /** What is sent, once it was sent for the first time. */
  packed: Uint8Array | undefined
  /** The records as they are sent: undefined until the batch is closed and compressed. */
  compressed: Uint8Array | undefined
  /** What went wrong with the last attempt. */
  lastError: Error | undefined
  readonly #buffer: Buffer
  #end = BATCH_OVERHEAD_BYTES
  #count = 0
  #baseTimestamp = NO_TIMESTAMP
  #maxTimestamp = NO_TIMESTAMP
  /** By record. Without a promise `reject` is undefined and `resolve` a callback or undefined. */
  readonly #resolves: (Resolve | DeliveryCallback | undefined)[] = []
  readonly #rejects: (Reject | undefined)[] = []
  readonly #timestamps: number[] = []

  constructor(order: number, buffer: Uint8Array, createdMs: number) {
    this.order = order
    this.#buffer = Buffer.from(buffer.buffer, buffer.byteOffset, buffer.length)
    this.heldBytes = buffer.length
    this.createdMs = createdMs
  }

  get count(): number {
    return this.#count
  }

  /** Bytes before compression, header included. */
  get sizeBytes(): number {
    return this.#end
  }

  /** The memory, to be used again once nobody sends from it. */
  get buffer(): Uint8Array {
    return this.#buffer
  }

  /** The records, uncompressed. */
  get records(): Uint8Array {
    return this.#buffer.subarray(BATCH_OVERHEAD_BYTES, this.#end)
  }

  hasRoomFor(sizeLimitBytes: number): boolean {
    return this.#end + sizeLimitBytes <= this.#buffer.length
  }

  /** Adds a record that there is room for. */
  append(
    record: SerializedRecord,
    resolve: Resolve | DeliveryCallback | undefined,
    reject: Reject | undefined,
  ): void {
    const { key, value, valueBytes, headers, timestamp } = record
    if (this.#count === 0) this.#baseTimestamp = timestamp
    const timestampDelta = timestamp - this.#baseTimestamp
    const buffer = this.#buffer
    let bodyBytes = 1 + sizeOfVarlong(timestampDelta) + sizeOfVarint(this.#count)
    bodyBytes += sizeOfField(key) + (value === null ? 1 : sizeOfVarint(valueBytes) + valueBytes)
    bodyBytes += sizeOfVarint(headers.length)
    for (const header of headers) bodyBytes += sizeOfField(header.key) + sizeOfField(header.value)
    let at = writeVarint(buffer, this.#end, bodyBytes)
    at = this.#writeBegin(at, timestampDelta)
    at = writeField(buffer, at, key)
    at = this.#writeValue(at, value, valueBytes)
    at = writeVarint(buffer, at, headers.length)
    for (const header of headers) {
      at = writeField(buffer, at, header.key)
      at = writeField(buffer, at, header.value)
    }
    this.#added(at, timestamp, resolve, reject)
  }

  /**
   * Writes the header; the batch can be sent then. Records that were sent before are copied, because
   * the system may still hold what the last attempt gave it.
   */
  seal(attributes: number, producerId: number, producerEpoch: number): Uint8Array {
    const bytes = this.packed === undefined ? this.#pack() : Uint8Array.from(this.packed)
    writeHeader(bytes, {
      baseOffset: 0,
      leaderEpoch: -1,
      attributes,
      lastOffsetDelta: this.#count - 1,
      baseTimestamp: this.#baseTimestamp,
      maxTimestamp: this.#maxTimestamp,
      producerId,
      producerEpoch,
      baseSequence: this.baseSequence,
      recordCount: this.#count,
    })
    this.packed = bytes
    return bytes
  }

  /**
   * The same records in batches of at most `maxBytes`, or of one record. Who waits goes with them.
   * Their memory is beyond `buffer.memory` for the moment in which this batch gives its own back.
   */
  split(maxBytes: number): ProducerBatch[] {
    const batches: ProducerBatch[] = []
    let target: ProducerBatch | undefined
    let at = BATCH_OVERHEAD_BYTES
    for (let index = 0; index < this.#count; index++) {
      const bodyAt = varintEnd(this.#buffer, at)
      const endAt = bodyAt + readVarint(this.#buffer, at)
      const timestampAt = bodyAt + 1
      const timestamp = this.#baseTimestamp + readVarlong(this.#buffer, timestampAt)
      const partsAt = varintEnd(this.#buffer, varintEnd(this.#buffer, timestampAt))
      const parts = this.#buffer.subarray(partsAt, endAt)
      const sizeBytes = RECORD_OVERHEAD_BYTES + parts.length
      if (!target?.hasRoomFor(sizeBytes)) {
        const memory = Buffer.allocUnsafeSlow(Math.max(maxBytes, BATCH_OVERHEAD_BYTES + sizeBytes))
        target = new ProducerBatch(this.order + index, memory, this.createdMs)
        batches.push(target)
      }
      target.#appendParts(parts, timestamp, this.#resolves[index], this.#rejects[index])
      at = endAt
    }
    return batches
  }

  /** Tells everyone who waits where the records are. */
  acknowledge(topic: string, partition: number, baseOffset: number, appendMs: number): void {
    this.isSettled = true
    for (let index = 0; index < this.#count; index++) {
      const resolve = this.#resolves[index]
      if (resolve === undefined) continue
      const offset = baseOffset < 0 ? -1 : baseOffset + index
      const timestamp = appendMs >= 0 ? appendMs : this.#timestamps[index]!
      const metadata: RecordMetadata = { topic, partition, offset, timestamp }
      // Whether it is one side of a promise or a callback is told by the other side.
      if (this.#rejects[index] !== undefined) (resolve as Resolve)(metadata)
      else callBack(resolve as DeliveryCallback, null, metadata)
    }
  }

  /** Tells everyone who waits what went wrong with each record. */
  fail(errorOf: (index: number) => Error): void {
    this.isSettled = true
    for (let index = 0; index < this.#count; index++) {
      const reject = this.#rejects[index]
      const callback = this.#resolves[index]
      if (reject !== undefined) reject(errorOf(index))
      else if (callback) callBack(callback as DeliveryCallback, errorOf(index), null)
    }
  }

  /** Uncompressed records are sent from where they were written. */
  #pack(): Uint8Array {
    const { compressed } = this
    if (compressed === undefined || compressed.buffer === this.#buffer.buffer) {
      return this.#buffer.subarray(0, this.#end)
    }
    const bytes = new Uint8Array(BATCH_OVERHEAD_BYTES + compressed.length)
    bytes.set(compressed, BATCH_OVERHEAD_BYTES)
    return bytes
  }

  #appendParts(
    parts: Uint8Array,
    timestamp: number,
    resolve: Resolve | DeliveryCallback | undefined,
    reject: Reject | undefined,
  ): void {
    if (this.#count === 0) this.#baseTimestamp = timestamp
    const timestampDelta = timestamp - this.#baseTimestamp
    const begin = 1 + sizeOfVarlong(timestampDelta) + sizeOfVarint(this.#count)
    let at = writeVarint(this.#buffer, this.#end, begin + parts.length)
    at = this.#writeBegin(at, timestampDelta)
    this.#buffer.set(parts, at)
    this.#added(at + parts.length, timestamp, resolve, reject)
  }

  #writeBegin(at: number, timestampDelta: number): number {
    this.#buffer[at] = 0 // attributes
    return writeVarint(
      this.#buffer,
      writeVarlong(this.#buffer, at + 1, timestampDelta),
      this.#count,
    )
  }

  #writeValue(at: number, value: Uint8Array | string | null, sizeBytes: number): number {
    if (value === null) return writeVarint(this.#buffer, at, -1)
    const valueAt = writeVarint(this.#buffer, at, sizeBytes)
    if (typeof value !== 'string') this.#buffer.set(value, valueAt)
    // Of a text whose every letter is one byte of UTF-8 nothing has to be converted.
    else if (value.length === sizeBytes) this.#buffer.write(value, valueAt, sizeBytes, 'latin1')
    else this.#buffer.write(value, valueAt, sizeBytes, 'utf8')
    return valueAt + sizeBytes
  }

  #added(
    end: number,
    timestamp: number,
    resolve: Resolve | DeliveryCallback | undefined,
    reject: Reject | undefined,
  ): void {
    this.#end = end
    this.#count += 1
    this.#maxTimestamp = Math.max(this.#maxTimestamp, timestamp)
    this.#resolves.push(resolve)
    this.#rejects.push(reject)
    this.#timestamps.push(timestamp)
  }
}

/** A callback that throws is a defect of the application: it is reported as uncaught, and the other
 *  records are told all the same. */
function callBack(
  callback: DeliveryCallback,
  error: Error | null,
  metadata: RecordMetadata | null,
): void {
  try {
    callback(error, metadata)
  } catch (thrown) {
    queueMicrotask(() => {
      throw thrown
    })
  }
}

function sizeOfField(field: Uint8Array | null): number {
  return field === null ? 1 : sizeOfVarint(field.length) + field.length
}

function writeField(buffer: Uint8Array, at: number, field: Uint8Array | null): number {
  if (field === null) return writeVarint(buffer, at, -1)
  const fieldAt = writeVarint(buffer, at, field.length)
  buffer.set(field, fieldAt)
  return fieldAt + field.length
}
