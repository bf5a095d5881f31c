import type { Clock } from '../kernel/environment.ts'
import type { LogFields, Logger } from '../kernel/logger.ts'

/** Lines per window, and the window: a port scanner or a broken probe must not fill the disk. */
const MAX_LINES = 20
const WINDOW_MS = 60_000

/** Warns about connections that were closed for a fault of their peer, a bounded number of times. */
export class RefusalLog {
  readonly #logger: Logger
  readonly #clock: Clock
  #windowEndsMs = Number.NEGATIVE_INFINITY
  #lines = 0
  #left = 0

  constructor(logger: Logger, clock: Clock) {
    this.#logger = logger
    this.#clock = clock
  }

  warn(fields: LogFields, message: string): void {
    const nowMs = this.#clock.monotonic()
    if (nowMs >= this.#windowEndsMs) {
      if (this.#left > 0) this.#logger.warn({ count: this.#left }, 'Closed more such connections.')
      this.#windowEndsMs = nowMs + WINDOW_MS
      this.#lines = 0
      this.#left = 0
    }
    if (this.#lines++ < MAX_LINES) this.#logger.warn(fields, message)
    else this.#left++
  }
}
