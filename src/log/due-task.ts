import type { Environment, Timer } from '../kernel/environment.ts'

/**
 * Work that is due some time after something called for it, once however often that happens before.
 * Nothing called for means no timer, so an idle broker is not woken.
 */
export class DueTask {
  readonly #environment: Environment
  readonly #run: () => void
  #timer: Timer | undefined
  #dueMs = Number.POSITIVE_INFINITY
  #stopped = false

  constructor(environment: Environment, run: () => void) {
    this.#environment = environment
    this.#run = run
  }

  /** Has the work done no later than `delayMs` from now. Delays of centuries are none at all. */
  within(delayMs: number): void {
    if (this.#stopped || delayMs > LONGEST_DELAY_MS) return
    const dueMs = this.#environment.clock.monotonic() + delayMs
    if (dueMs >= this.#dueMs) return
    this.#timer?.cancel()
    this.#dueMs = dueMs
    this.#timer = this.#environment.timers.at(dueMs, () => {
      this.#forget()
      this.#run()
    })
  }

  /** Forgets what was called for. */
  cancel(): void {
    this.#timer?.cancel()
    this.#forget()
  }

  /** No more work from here on. */
  stop(): void {
    this.#stopped = true
    this.cancel()
  }

  #forget(): void {
    this.#timer = undefined
    this.#dueMs = Number.POSITIVE_INFINITY
  }
}

/** `flush.ms` and its like use the largest int64 for "never". */
const LONGEST_DELAY_MS = 100 * 365 * 86_400_000
