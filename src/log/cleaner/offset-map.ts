import { assert } from '../../kernel/assert.ts'
import { KeyHash } from './key-hash.ts'

/** Memory of one slot: the hash of a key and an offset. As in Kafka, so that settings mean the same. */
export const SLOT_BYTES = 24

export interface OffsetMapLimits {
  /** Memory it may take: its part of `log.cleaner.dedupe.buffer.size`. */
  readonly bytes: number
  /** Share of the slots that may be used: `log.cleaner.io.buffer.load.factor`. */
  readonly loadFactor: number
}

/**
 * The last offset of each key in the part of a log that is being compacted: a table of a fixed size
 * without an object per key. Keys are known by 128 bits of hash only.
 */
export class OffsetMap {
  /** Everything up to here has been looked at; what lies behind stays as it is. -1: nothing. */
  latestOffset = -1
  readonly #slots: number
  readonly #maxSize: number
  readonly #hash: KeyHash
  readonly #words: Int32Array
  /** One more than the offset; 0 in an empty slot. */
  readonly #offsets: Float64Array
  #size = 0

  /**
   * @param keysAtMost no more are there to come: less memory is taken when less will do.
   * @param secret see `KeyHash`.
   */
  constructor(limits: OffsetMapLimits, keysAtMost: number, secret: Int32Array) {
    const most = Math.max(2, Math.floor(limits.bytes / SLOT_BYTES))
    const load = Math.min(Math.max(limits.loadFactor, 0), LARGEST_LOAD)
    this.#slots = Math.min(most, Math.max(2, Math.ceil((keysAtMost + 1) / (load || 1))))
    this.#maxSize = Math.min(this.#slots - 1, Math.floor(this.#slots * load))
    this.#hash = new KeyHash(secret)
    this.#words = new Int32Array(this.#slots * 4)
    this.#offsets = new Float64Array(this.#slots)
  }

  /** Count of keys. */
  get size(): number {
    return this.#size
  }

  /** Whether no further key fits. */
  get isFull(): boolean {
    return this.#size >= this.#maxSize
  }

  /** Notes the offset of a key, which is above all that came before. */
  put(bytes: Uint8Array, keyAt: number, keyBytes: number, offset: number): void {
    assert(!this.isFull, `the map of ${this.#maxSize} keys is full`)
    const slot = this.#find(bytes, keyAt, keyBytes)
    if (this.#offsets[slot] === 0) {
      this.#size++
      this.#words.set(this.#hash.words, slot * 4)
    }
    this.#offsets[slot] = offset + 1
  }

  /** The last offset of a key, -1 when it was never put. */
  get(bytes: Uint8Array, keyAt: number, keyBytes: number): number {
    return this.#offsets[this.#find(bytes, keyAt, keyBytes)]! - 1
  }

  /** The slot of the key, or the empty one where it belongs. At least one slot is always empty. */
  #find(bytes: Uint8Array, keyAt: number, keyBytes: number): number {
    this.#hash.of(bytes, keyAt, keyBytes)
    const wanted = this.#hash.words
    const words = this.#words
    let slot = Math.floor(((wanted[0]! >>> 0) / 0x1_0000_0000) * this.#slots)
    while (this.#offsets[slot] !== 0) {
      const at = slot * 4
      if (
        words[at] === wanted[0] &&
        words[at + 1] === wanted[1] &&
        words[at + 2] === wanted[2] &&
        words[at + 3] === wanted[3]
      ) {
        return slot
      }
      slot = slot + 1 === this.#slots ? 0 : slot + 1
    }
    return slot
  }
}

/** Beyond it looking for a free slot takes too long. */
const LARGEST_LOAD = 0.95
