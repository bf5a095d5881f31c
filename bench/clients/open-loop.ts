/** Load that does not wait for the broker: when something is due is fixed before anything is sent. */

/** Between the call and the first moment: time to be ready. */
const LEAD_MS = 50

/** `total` moments, `perSecond` of them in each second. */
export class Schedule {
  readonly total: number
  readonly #perMs: number
  readonly #startMs: number

  constructor(perSecond: number, seconds: number) {
    this.total = Math.floor(perSecond * seconds)
    this.#perMs = perSecond / 1000
    this.#startMs = performance.now() + LEAD_MS
  }

  /** When the event of this number was to happen, on the clock of `performance.now()`. */
  dueMs(index: number): number {
    return this.#startMs + index / this.#perMs
  }

  /** How many events are due by now. */
  dueCount(): number {
    const passedMs = performance.now() - this.#startMs
    return passedMs < 0 ? 0 : Math.min(this.total, Math.floor(passedMs * this.#perMs) + 1)
  }
}

/**
 * Calls `send` in every turn of the event loop until it returns true. A timer would be off by a
 * millisecond, more than what is measured; this costs one busy core, for each broker the same one.
 */
export async function everyTurn(send: () => boolean): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const turn = (): void => {
    try {
      if (send()) resolve()
      else setImmediate(turn)
    } catch (error) {
      reject(error)
    }
  }
  turn()
  await promise
}
