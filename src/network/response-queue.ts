import { assert } from '../kernel/assert.ts'
import { pushPiece, totalLength } from '../kernel/bytes.ts'

/** The place of one request's answer among those of its connection. */
export interface Slot {
  /** Bytes of the request's frame: what its answer gives back to the limit of all requests. */
  readonly requestBytes: number
  answered: boolean
  chunks: readonly Uint8Array[]
  onSent: (() => void) | undefined
}

/** Answers that may leave now, in order, to be written at once. */
export interface Ready {
  readonly chunks: Uint8Array[]
  readonly bytes: number
  readonly onSent: readonly (() => void)[]
}

/**
 * Puts the answers of one connection into the order of its requests. An answer that is ready early
 * waits for those before it; what was answered and may leave is collected until it is taken.
 */
export class ResponseQueue {
  readonly #slots: Slot[] = []
  #chunks: Uint8Array[] = []
  #onSent: (() => void)[] = []
  #readyBytes = 0
  #blockedBytes = 0

  /** Requests whose answer cannot leave yet. */
  get inFlight(): number {
    return this.#slots.length
  }

  /** Bytes of all answers that have not been taken. */
  get bytes(): number {
    return this.#readyBytes + this.#blockedBytes
  }

  /** Whether there is something to take. */
  get isReady(): boolean {
    return this.#chunks.length > 0 || this.#onSent.length > 0
  }

  add(requestBytes: number): Slot {
    const slot: Slot = { requestBytes, answered: false, chunks: NO_CHUNKS, onSent: undefined }
    this.#slots.push(slot)
    return slot
  }

  answer(slot: Slot, chunks: readonly Uint8Array[], onSent: (() => void) | undefined): void {
    assert(!slot.answered, 'a request is answered once')
    slot.answered = true
    slot.chunks = chunks
    slot.onSent = onSent
    if (slot !== this.#slots[0]) {
      this.#blockedBytes += totalLength(chunks)
      return
    }
    this.#release(totalLength(chunks))
    while (this.#slots[0]?.answered) {
      const bytes = totalLength(this.#slots[0].chunks)
      this.#blockedBytes -= bytes
      this.#release(bytes)
    }
  }

  take(): Ready {
    const ready = { chunks: this.#chunks, bytes: this.#readyBytes, onSent: this.#onSent }
    this.#chunks = []
    this.#onSent = []
    this.#readyBytes = 0
    return ready
  }

  /** The connection is over. @returns the calls that wait for answers which will not leave. */
  abandon(): readonly (() => void)[] {
    const waiting = this.take().onSent
    const blocked = this.#slots.splice(0).flatMap((slot) => slot.onSent ?? [])
    this.#blockedBytes = 0
    return [...waiting, ...blocked]
  }

  #release(bytes: number): void {
    const slot = this.#slots.shift()!
    for (const chunk of slot.chunks) pushPiece(this.#chunks, chunk)
    if (slot.onSent) this.#onSent.push(slot.onSent)
    this.#readyBytes += bytes
  }
}

const NO_CHUNKS: readonly Uint8Array[] = []
