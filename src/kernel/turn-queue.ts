/**
 * Calls that wait for the end of a turn of the event loop (`Timers.afterTurn`). The real environment
 * drains it from one `setImmediate`, the simulated one between two events.
 */
export class TurnQueue {
  readonly #schedule: () => void
  #waiting: (() => void)[] = []
  #scheduled = false

  /** @param schedule asked once per turn in which calls were added: arranges one call of `drain`. */
  constructor(schedule: () => void) {
    this.#schedule = schedule
  }

  /** Calls that wait. */
  get size(): number {
    return this.#waiting.length
  }

  add(run: () => void): void {
    this.#waiting.push(run)
    if (this.#scheduled) return
    this.#scheduled = true
    this.#schedule()
  }

  /**
   * Runs the calls in order, those too that are added meanwhile, up to `MAX_ROUNDS` rounds: a write
   * that follows from a write still leaves in this turn, and a circle of calls cannot starve I/O.
   * An exception ends the drain and is passed on; what remains runs in the next turn.
   */
  drain(): void {
    this.#scheduled = true // calls added from here on join this drain
    let batch: (() => void)[] = []
    let at = 0
    try {
      for (let round = 0; round < MAX_ROUNDS && this.#waiting.length > 0; round++) {
        batch = this.#waiting
        this.#waiting = []
        for (at = 0; at < batch.length; ) batch[at++]!()
      }
    } finally {
      if (at < batch.length) this.#waiting = [...batch.slice(at), ...this.#waiting]
      this.#scheduled = this.#waiting.length > 0
      if (this.#scheduled) this.#schedule()
    }
  }
}

const MAX_ROUNDS = 8
