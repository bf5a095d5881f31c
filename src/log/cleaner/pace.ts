import type { Environment, Timer } from '../../kernel/environment.ts'

/** The longest that compaction keeps the event loop from others at a time. */
const SLICE_MS = 0.5
/** A turn without it that takes longer was needed by others, in this process or beside it. */
const BUSY_TURN_MS = 0.1
/** Then it stays away for this long: it gives way to all who want the processor, and is no burden that
 *  the system would make the whole process wait for. */
const STAY_AWAY_MS = 1

/** Lets everybody else have their turn, again and again, during work on the event loop. All compactions
 *  of a broker share one, so that they have one slice together. */
export class Pace {
  readonly #environment: Environment
  #sinceMs: number
  readonly #away = new Map<Timer, () => void>()
  #isReleased = false

  constructor(environment: Environment) {
    this.#environment = environment
    this.#sinceMs = environment.clock.monotonic()
  }

  /** Whether `rest` is due. About 50 ns. */
  get isTired(): boolean {
    return this.#environment.clock.monotonic() - this.#sinceMs >= SLICE_MS
  }

  /** Waits until all that happened meanwhile has been handled, and longer while there is much. */
  async rest(): Promise<void> {
    const { clock, timers } = this.#environment
    const startMs = clock.monotonic()
    await new Promise<void>((resolve) => timers.afterTurn(resolve))
    const nowMs = clock.monotonic()
    if (nowMs - startMs > BUSY_TURN_MS && !this.#isReleased) await this.#stayAway(nowMs)
    this.woken()
  }

  /** Nobody stays away any more: the broker closes, and a timer does not keep its process alive. */
  release(): void {
    this.#isReleased = true
    for (const [timer, resolve] of this.#away) {
      timer.cancel()
      resolve()
    }
    this.#away.clear()
  }

  /** A wait of another kind has just ended. */
  woken(): void {
    this.#sinceMs = this.#environment.clock.monotonic()
  }

  #stayAway(nowMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#environment.timers.at(nowMs + STAY_AWAY_MS, () => {
        this.#away.delete(timer)
        resolve()
      })
      this.#away.set(timer, resolve)
    })
  }
}
