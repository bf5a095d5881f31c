import { viewOf } from '../kernel/bytes.ts'

/** Bytes of one entry in the file: timestamp, offset relative to the base offset. */
export const TIME_ENTRY_BYTES = 12

/** The timestamp of a log that holds none. */
export const NO_TIMESTAMP = -1

const INITIAL_ENTRIES = 16

/** A timestamp and the last offset of the first batch that reached it. */
export interface TimestampOffset {
  readonly timestamp: number
  readonly offset: number
}

/**
 * The sparse time index of one segment. An entry says: up to its offset no record is newer than its
 * timestamp. Timestamps grow strictly, offsets do not fall.
 */
export class TimeIndex {
  readonly #baseOffset: number
  #timestamps: Float64Array
  #relatives: Int32Array
  #count = 0

  constructor(baseOffset: number, capacity = INITIAL_ENTRIES) {
    this.#baseOffset = baseOffset
    this.#timestamps = new Float64Array(capacity)
    this.#relatives = new Int32Array(capacity)
  }

  /** Reads the content of an index file as far as it makes sense. */
  static parse(bytes: Uint8Array, baseOffset: number): TimeIndex {
    const count = Math.floor(bytes.length / TIME_ENTRY_BYTES)
    const index = new TimeIndex(baseOffset, count)
    const view = viewOf(bytes)
    for (let slot = 0; slot < count; slot++) {
      const at = slot * TIME_ENTRY_BYTES
      const timestamp = view.getInt32(at) * 0x1_0000_0000 + view.getUint32(at + 4)
      const relative = view.getInt32(at + 8)
      const { timestamp: lastTimestamp, offset } = index.last
      const follows = timestamp > lastTimestamp && baseOffset + relative >= offset
      if (!follows || !Number.isSafeInteger(timestamp)) break
      index.#put(timestamp, relative)
    }
    if (index.#count === 1 && isPadding(bytes)) index.#count = 0
    return index
  }

  get count(): number {
    return this.#count
  }

  /** Memory of the entries. */
  get sizeBytes(): number {
    return this.#timestamps.byteLength + this.#relatives.byteLength
  }

  /** The last entry; the base offset without a timestamp when there is none. */
  get last(): TimestampOffset {
    return this.at(this.#count - 1)
  }

  /** The entry in a slot; slot -1 is the beginning of the segment. */
  at(slot: number): TimestampOffset {
    if (slot < 0) return { timestamp: NO_TIMESTAMP, offset: this.#baseOffset }
    const offset = this.#baseOffset + this.#relatives[slot]!
    return { timestamp: this.#timestamps[slot]!, offset }
  }

  /** Adds an entry when its timestamp is above all before; a lower one says nothing new. Nor does one
   *  that falls below the last offset: entries of Kafka may span several batches. */
  maybeAppend(timestamp: number, offset: number): void {
    const { last } = this
    if (timestamp <= last.timestamp || offset < last.offset) return
    this.#put(timestamp, offset - this.#baseOffset)
  }

  /** The last entry with a timestamp at or below `timestamp`: no record before its offset is newer
   *  than it. */
  floor(timestamp: number): TimestampOffset {
    let low = -1
    let high = this.#count - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#timestamps[middle]! <= timestamp) low = middle
      else high = middle - 1
    }
    return this.at(low)
  }

  /** The last entry with an offset below `offset`. */
  lastBelow(offset: number): TimestampOffset {
    return this.at(this.#countBelow(offset) - 1)
  }

  /** Drops the entries at and above `offset`. */
  truncateTo(offset: number): void {
    this.#count = this.#countBelow(offset)
  }

  /** The entries from slot `from` on as they stand in the file. */
  encode(from: number): Uint8Array {
    const bytes = new Uint8Array((this.#count - from) * TIME_ENTRY_BYTES)
    const view = viewOf(bytes)
    for (let slot = from; slot < this.#count; slot++) {
      const at = (slot - from) * TIME_ENTRY_BYTES
      const timestamp = this.#timestamps[slot]!
      view.setInt32(at, Math.floor(timestamp / 0x1_0000_0000))
      view.setUint32(at + 4, timestamp % 0x1_0000_0000)
      view.setInt32(at + 8, this.#relatives[slot]!)
    }
    return bytes
  }

  #countBelow(offset: number): number {
    const relative = offset - this.#baseOffset
    let count = this.#count
    while (count > 0 && this.#relatives[count - 1]! >= relative) count--
    return count
  }

  #put(timestamp: number, relative: number): void {
    if (this.#count === this.#timestamps.length) {
      const capacity = Math.max(INITIAL_ENTRIES, 2 * this.#count)
      const timestamps = new Float64Array(capacity)
      const relatives = new Int32Array(capacity)
      timestamps.set(this.#timestamps)
      relatives.set(this.#relatives)
      this.#timestamps = timestamps
      this.#relatives = relatives
    }
    this.#timestamps[this.#count] = timestamp
    this.#relatives[this.#count] = relative
    this.#count++
  }
}

/** Whether an index begins with two entries of zeros: a file that was preallocated and never used.
 *  One such entry alone is the record of 1970 at the base offset. */
function isPadding(bytes: Uint8Array): boolean {
  if (bytes.length < 2 * TIME_ENTRY_BYTES) return false
  return bytes.subarray(0, 2 * TIME_ENTRY_BYTES).every((byte) => byte === 0)
}
