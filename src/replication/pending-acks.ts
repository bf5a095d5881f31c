/** One answer that waits until its records are as safe as the producer asked. */
export interface PendingAck {
  /** The offset after its last record. */
  readonly endOffset: number
  /** Monotonic ms after which it is refused with REQUEST_TIMED_OUT. */
  readonly dueMs: number
  /** Called once: without an error when safe, with one when it will not be known to be. */
  readonly settle: (error?: Error) => void
}

/**
 * The parked acknowledgements of one partition and level, in the order of their offsets. An advance
 * of the log costs only as many steps as it releases answers.
 */
export class PendingAcks {
  #queue: PendingAck[] = []
  #head = 0

  get isEmpty(): boolean {
    return this.#head === this.#queue.length
  }

  /** The earliest deadline still waiting; Infinity when none is. One step per waiting answer. */
  earliestDueMs(): number {
    let earliest = Number.POSITIVE_INFINITY
    for (let at = this.#head; at < this.#queue.length; at++) {
      earliest = Math.min(earliest, this.#queue[at]!.dueMs)
    }
    return earliest
  }

  /** Parks one answer. A duplicate's offset may lie before those already waiting: it is put in its
   *  place, which is at the end in all other cases. */
  add(ack: PendingAck): void {
    let at = this.#queue.length
    while (at > this.#head && this.#queue[at - 1]!.endOffset > ack.endOffset) at -= 1
    if (at === this.#queue.length) this.#queue.push(ack)
    else this.#queue.splice(at, 0, ack)
  }

  /** Settles every answer whose records end at or before `safeEndOffset`. */
  release(safeEndOffset: number, error?: Error): void {
    while (this.#head < this.#queue.length) {
      const ack = this.#queue[this.#head]!
      if (ack.endOffset > safeEndOffset) break
      this.#head += 1
      ack.settle(error)
    }
    if (this.#head === this.#queue.length) {
      this.#queue = []
      this.#head = 0
    } else if (this.#head > 1024) {
      this.#queue = this.#queue.slice(this.#head)
      this.#head = 0
    }
  }

  /** Refuses every answer whose deadline has passed. One step per waiting answer. */
  expire(nowMs: number, error: () => Error): void {
    const waiting = this.#queue.slice(this.#head)
    this.#queue = waiting.filter((ack) => ack.dueMs > nowMs)
    this.#head = 0
    for (const ack of waiting) if (ack.dueMs <= nowMs) ack.settle(error())
  }

  /** Refuses everything that waits. */
  fail(error: Error): void {
    this.release(Number.POSITIVE_INFINITY, error)
  }
}
