import type { Environment } from '../../kernel/environment.ts'

/** The longest that compaction keeps the event loop from others at a time. */
const SLICE_MS = 0.5

/** Lets everybody else have their turn, again and again, during work on the event loop. */
export class Pace {
  readonly #environment: Environment
  #sinceMs: number

  constructor(environment: Environment) {
    this.#environment = environment
    this.#sinceMs = environment.clock.monotonic()
  }

  /** Whether `rest` is due. About 50 ns. */
  get isTired(): boolean {
    return this.#environment.clock.monotonic() - this.#sinceMs >= SLICE_MS
  }

  /** Waits until all that happened meanwhile has been handled. */
  rest(): Promise<void> {
    return new Promise((resolve) => {
      this.#environment.timers.afterTurn(() => {
        this.woken()
        resolve()
      })
    })
  }

  /** A wait of another kind has just ended. */
  woken(): void {
    this.#sinceMs = this.#environment.clock.monotonic()
  }
}
