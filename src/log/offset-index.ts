import { assert } from '../kernel/assert.ts'
import { viewOf } from '../kernel/bytes.ts'

/** Bytes of one entry in the file: offset relative to the base offset, position in the log file. */
export const OFFSET_ENTRY_BYTES = 8

const INITIAL_ENTRIES = 16
export const MAX_RELATIVE_OFFSET = 0x7fff_ffff

/**
 * The sparse offset index of one segment: for about every `index.interval.bytes` of log one entry
 * that says at which position the batch with a given last offset begins. Offsets and positions grow
 * strictly. Held as pairs of 32-bit numbers, 8 bytes per entry as in the file.
 */
export class OffsetIndex {
  readonly #baseOffset: number
  #pairs: Int32Array
  #count = 0

  constructor(baseOffset: number, capacity = INITIAL_ENTRIES) {
    this.#baseOffset = baseOffset
    this.#pairs = new Int32Array(2 * capacity)
  }

  /**
   * Reads the content of an index file as far as it makes sense: preallocated zeros, torn entries and
   * whatever else follows a valid beginning is left out.
   * @param logSizeBytes entries that point behind the log are not valid.
   */
  static parse(bytes: Uint8Array, baseOffset: number, logSizeBytes: number): OffsetIndex {
    const count = Math.floor(bytes.length / OFFSET_ENTRY_BYTES)
    const index = new OffsetIndex(baseOffset, count)
    const view = viewOf(bytes)
    let lastRelative = -1
    let lastPosition = 0
    for (let at = 0; at < count; at++) {
      const relative = view.getInt32(at * OFFSET_ENTRY_BYTES)
      const position = view.getInt32(at * OFFSET_ENTRY_BYTES + 4)
      if (relative <= lastRelative || position <= lastPosition || position >= logSizeBytes) break
      index.#put(relative, position)
      lastRelative = relative
      lastPosition = position
    }
    return index
  }

  get count(): number {
    return this.#count
  }

  /** Memory of the entries. */
  get sizeBytes(): number {
    return this.#pairs.byteLength
  }

  /** Offset of the last entry, the base offset without one. */
  get lastOffset(): number {
    return this.#count === 0 ? this.#baseOffset : this.offsetAt(this.#count - 1)
  }

  offsetAt(slot: number): number {
    return this.#baseOffset + this.#pairs[2 * slot]!
  }

  positionAt(slot: number): number {
    return this.#pairs[2 * slot + 1]!
  }

  /** Whether an entry of this offset may follow. Not so when it falls below the last one, which may
   *  be one of Kafka's that stands for several batches, or when it does not fit into 31 bits. */
  canAppend(offset: number): boolean {
    const isNext = this.#count === 0 ? offset >= this.#baseOffset : offset > this.lastOffset
    return isNext && offset - this.#baseOffset <= MAX_RELATIVE_OFFSET
  }

  /** @param offset last offset of the batch that begins at `position`. */
  append(offset: number, position: number): void {
    assert(this.canAppend(offset), `index entry ${offset} does not follow ${this.lastOffset}`)
    this.#put(offset - this.#baseOffset, position)
  }

  /** The slot of the last entry at or below `offset`, -1 when all are above. */
  floor(offset: number): number {
    const relative = offset - this.#baseOffset
    let low = -1
    let high = this.#count - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#pairs[2 * middle]! <= relative) low = middle
      else high = middle - 1
    }
    return low
  }

  /** Where a scan for the batch that holds `offset` begins. */
  positionFor(offset: number): number {
    const slot = this.floor(offset)
    return slot < 0 ? 0 : this.positionAt(slot)
  }

  /** Drops the entries at and above `offset`. */
  truncateTo(offset: number): void {
    this.#count = this.floor(offset - 1) + 1
  }

  /** Keeps the first `count` entries. */
  keep(count: number): void {
    assert(count <= this.#count, `${count} entries are more than the ${this.#count} there are`)
    this.#count = count
  }

  /** The entries from slot `from` on as they stand in the file. */
  encode(from: number): Uint8Array {
    const bytes = new Uint8Array((this.#count - from) * OFFSET_ENTRY_BYTES)
    const view = viewOf(bytes)
    for (let at = 2 * from; at < 2 * this.#count; at++) {
      view.setInt32((at - 2 * from) * 4, this.#pairs[at]!)
    }
    return bytes
  }

  #put(relative: number, position: number): void {
    if (2 * this.#count === this.#pairs.length) {
      const larger = new Int32Array(2 * Math.max(INITIAL_ENTRIES, this.#pairs.length))
      larger.set(this.#pairs)
      this.#pairs = larger
    }
    this.#pairs[2 * this.#count] = relative
    this.#pairs[2 * this.#count + 1] = position
    this.#count++
  }
}
