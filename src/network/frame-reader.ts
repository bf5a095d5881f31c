import { assert } from '../kernel/assert.ts'
import { holdMemory, releaseMemory } from '../kernel/buffer-pool.ts'
import { readInt32 } from '../kernel/bytes.ts'
import { type ReceiveMemory, uninitialized } from './receive-memory.ts'

/** Frames from this size on get a buffer of their own, which their bytes are received into. */
export const OWN_BUFFER_FROM_BYTES = 16_384
/** Below it a rest is fetched with whatever follows it: one read less is worth one copy more. */
const DIRECT_READ_FROM_BYTES = 4_096
/** What is allocated for a frame before any of its bytes came; beyond it the buffer grows with what
 *  has come, so that announcing 100 MB costs nobody 100 MB. */
const EAGER_BYTES = 2_097_152
/** The size, and the first four bytes behind it: every frame of either direction has them. */
const PRELUDE_BYTES = 8

export interface FrameEvents {
  /**
   * A frame's size is known, and the four bytes behind it: of a request its API key and version, of
   * a response its correlation id. May stop the reader.
   * @returns `wait` to be asked again after `resume`, having stopped the reader; `refuse` when
   *   nothing shall be read any more.
   */
  begins(sizeBytes: number, firstWord: number): 'accept' | 'wait' | 'refuse'
  /**
   * One whole frame without its size. The receiver holds it, may keep it and write into it, and gives
   * it back with `releaseMemory` when nobody keeps it. One of
   * `OWN_BUFFER_FROM_BYTES` or more is alone in its memory; a smaller one that is kept for long
   * should be copied, since it may hold a chunk of 256 KB. May stop the reader.
   */
  frame(bytes: Uint8Array): void
}

/**
 * Cuts a stream of bytes into frames: four bytes of size, then as many bytes. No frame is put
 * together from pieces more than once; large ones are received where they stay.
 */
export class FrameReader {
  readonly #memory: ReceiveMemory
  readonly #events: FrameEvents
  #state: 'reading' | 'stopped' | 'refused' = 'reading'
  /** The frame being received, longer than `#filled`; its size when it is complete. */
  #frame: Uint8Array | undefined
  #filled = 0
  #frameBytes = 0
  /** Whether the last buffer handed out was the rest of `#frame`. */
  #direct = false
  /** The beginning of a frame that came in pieces. */
  #prelude: Uint8Array | undefined
  #preludeBytes = 0
  /** Received behind the frame at which the reader was stopped. The reader holds it. */
  #held: Uint8Array | undefined

  constructor(memory: ReceiveMemory, events: FrameEvents) {
    this.#memory = memory
    this.#events = events
  }

  /** Where the next read goes: `SocketEvents.buffer`. */
  buffer(): Uint8Array {
    const isNext = this.#frame !== undefined && this.#held === undefined
    this.#direct = isNext && this.#frameBytes - this.#filled >= DIRECT_READ_FROM_BYTES
    if (!this.#direct) return this.#memory.landing
    this.#grow()
    return this.#frame!.subarray(this.#filled)
  }

  /** `count` bytes were put where `buffer` said: `SocketEvents.received`. */
  received(count: number): void {
    if (this.#direct) {
      this.#filled += count
      if (this.#filled === this.#frameBytes) this.#complete()
      return
    }
    const bytes = this.#memory.landing.subarray(0, count)
    if (this.#state === 'reading') this.#parse(bytes, false)
    else if (this.#state === 'stopped') this.#hold(bytes)
  }

  /** No frame is handed out until `resume`. What was read already is held back. */
  stop(): void {
    if (this.#state === 'reading') this.#state = 'stopped'
  }

  /** Hands out what was held back. @returns whether reading may go on, that is: not stopped again. */
  resume(): boolean {
    if (this.#state !== 'stopped') return this.#state === 'reading'
    this.#state = 'reading'
    const held = this.#held
    this.#held = undefined
    if (this.#frame !== undefined && this.#filled === this.#frameBytes) this.#complete()
    if (this.#preludeBytes === PRELUDE_BYTES && this.#isReading()) this.#takePrelude()
    if (held !== undefined) this.#parse(held, true)
    return this.#isReading()
  }

  /** @param kept whether `bytes` are held by the reader, and stay as they are until it releases them. */
  #parse(bytes: Uint8Array, kept: boolean): void {
    let source = bytes
    let isKept = kept
    let at = 0
    while (at < source.length) {
      if (!this.#isReading()) {
        const rest = source.subarray(at)
        if (this.#state === 'stopped') this.#held = isKept ? rest : this.#memory.keep(rest)
        else if (isKept) releaseMemory(source)
        return
      }
      if (this.#frame !== undefined) {
        at += this.#fill(source, at)
        continue
      }
      if (this.#preludeBytes > 0 || source.length - at < PRELUDE_BYTES) {
        at += this.#fillPrelude(source, at)
        continue
      }
      const size = readInt32(source, at)
      if (!this.#begins(size, readInt32(source, at + 4))) continue
      const isWhole = at + 4 + size <= source.length
      if (size >= OWN_BUFFER_FROM_BYTES || !isWhole || !this.#isReading()) {
        this.#begin(size)
        at += 4
        continue
      }
      if (!isKept) {
        source = this.#memory.keep(source.subarray(at))
        isKept = true
        at = 0
      }
      at += 4 + size
      holdMemory(source)
      this.#events.frame(source.subarray(at - size, at))
    }
    if (isKept) releaseMemory(source)
  }

  #begins(size: number, firstWord: number): boolean {
    const answer = this.#events.begins(size, firstWord)
    // A frame without room for its first word is none; that word may be missing when it is refused.
    if (answer === 'accept' && size >= PRELUDE_BYTES - 4) return true
    this.#state = answer === 'wait' ? 'stopped' : 'refused'
    return false
  }

  #begin(size: number): void {
    this.#frameBytes = size
    this.#frame = this.#memory.frame(Math.min(size, EAGER_BYTES))
    this.#filled = 0
  }

  /** Copies into the frame what belongs to it. @returns the count of bytes taken. */
  #fill(source: Uint8Array, at: number): number {
    this.#grow()
    const room = this.#frame!.length - this.#filled
    const count = Math.min(room, source.length - at)
    this.#frame!.set(source.subarray(at, at + count), this.#filled)
    this.#filled += count
    if (this.#filled === this.#frameBytes) this.#complete()
    return count
  }

  #complete(): void {
    if (!this.#isReading()) return // `resume` hands it out
    const frame = this.#frame!
    assert(frame.length === this.#frameBytes, 'a complete frame fills its buffer')
    this.#frame = undefined
    this.#filled = 0
    this.#events.frame(frame)
  }

  /** Doubles the buffer of a large frame once it is full. */
  #grow(): void {
    const frame = this.#frame!
    if (this.#filled < frame.length) return
    const grown = uninitialized(Math.min(this.#frameBytes, frame.length * 2))
    grown.set(frame)
    releaseMemory(frame)
    this.#frame = grown
  }

  #fillPrelude(source: Uint8Array, at: number): number {
    this.#prelude ??= new Uint8Array(PRELUDE_BYTES)
    const count = Math.min(PRELUDE_BYTES - this.#preludeBytes, source.length - at)
    this.#prelude.set(source.subarray(at, at + count), this.#preludeBytes)
    this.#preludeBytes += count
    if (this.#preludeBytes >= 4) this.#takePrelude()
    return count
  }

  #takePrelude(): void {
    const prelude = this.#prelude!
    const size = readInt32(prelude, 0)
    if (this.#preludeBytes < PRELUDE_BYTES) {
      // A size that is refused whatever follows it is refused now: nothing may follow.
      if (size < PRELUDE_BYTES - 4) this.#begins(size, 0)
      return
    }
    if (!this.#begins(size, readInt32(prelude, 4))) return
    this.#preludeBytes = 0
    this.#prelude = undefined
    this.#begin(size)
    this.#fill(prelude, 4)
  }

  /** More bytes than were asked for: a read that was under way when the reader stopped. */
  #hold(bytes: Uint8Array): void {
    const held = this.#held ?? new Uint8Array(0)
    const joined = new Uint8Array(held.length + bytes.length)
    joined.set(held)
    joined.set(bytes, held.length)
    releaseMemory(held)
    this.#held = joined
  }

  /** The state may have changed under a call that the compiler does not see. */
  #isReading(): boolean {
    return this.#state === 'reading'
  }
}
