import type { Environment, Timer } from '../../kernel/environment.ts'

/** Keeps all compactions together below a rate of bytes read and written. */
export class Throttle {
  readonly #environment: Environment
  readonly #bytesPerSecond: () => number
  /** When what was let through so far is paid for. */
  #freeMs = 0
  #isReleased = false
  readonly #waiting = new Map<Timer, () => void>()

  /** @param bytesPerSecond `log.cleaner.io.max.bytes.per.second`, asked for at each use. */
  constructor(environment: Environment, bytesPerSecond: () => number) {
    this.#environment = environment
    this.#bytesPerSecond = bytesPerSecond
  }

  /** Books `bytes`, and waits until all that was booked before is paid for. */
  async take(bytes: number): Promise<void> {
    const { clock, timers } = this.#environment
    const nowMs = clock.monotonic()
    const startMs = Math.max(nowMs, this.#freeMs)
    const paidMs = startMs + (bytes / Math.max(1, this.#bytesPerSecond())) * 1000
    this.#freeMs = Math.min(paidMs, startMs + LONGEST_DEBT_MS)
    if (startMs - nowMs < SHORTEST_WAIT_MS || this.#isReleased) return
    await new Promise<void>((resolve) => {
      const timer = timers.at(startMs, () => {
        this.#waiting.delete(timer)
        resolve()
      })
      this.#waiting.set(timer, resolve)
    })
  }

  /** Nobody waits any more: the broker closes, and a timer does not keep its process alive. */
  release(): void {
    this.#isReleased = true
    for (const [timer, resolve] of this.#waiting) {
      timer.cancel()
      resolve()
    }
    this.#waiting.clear()
  }
}

/** Shorter waits are put together into one. */
const SHORTEST_WAIT_MS = 1
/** A rate of nearly nothing must still let a stop or a change of the rate be seen. */
const LONGEST_DEBT_MS = 10_000
