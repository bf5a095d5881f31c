import type { Environment, Timer } from '../kernel/environment.ts'

interface Entry<Event> {
  timer: Timer
  /** When `timer` runs: at `dueMs`, or before when it was put off since. */
  armedForMs: number
  dueMs: number
  event: Event
}

/**
 * The timers of one machine, by key. Putting one off, what each heartbeat does with a session, costs
 * no more than a look into a map: the timer below runs when it was due before, and is set again then.
 */
export class KeyedTimers<Event> {
  readonly #environment: Pick<Environment, 'clock' | 'timers'>
  readonly #due: (key: string, event: Event) => void
  readonly #entries = new Map<string, Entry<Event>>()

  /** @param due called with what was set, after which the key is free. */
  constructor(
    environment: Pick<Environment, 'clock' | 'timers'>,
    due: (key: string, event: Event) => void,
  ) {
    this.#environment = environment
    this.#due = due
  }

  /** Timers that wait. */
  get size(): number {
    return this.#entries.size
  }

  has(key: string): boolean {
    return this.#entries.has(key)
  }

  /** Calls `due` at `dueMs` (monotonic), in place of what was set for the key before. */
  set(key: string, dueMs: number, event: Event): void {
    const known = this.#entries.get(key)
    if (known === undefined) {
      this.#entries.set(key, { timer: this.#arm(key, dueMs), armedForMs: dueMs, dueMs, event })
      return
    }
    known.dueMs = dueMs
    known.event = event
    if (dueMs >= known.armedForMs) return
    known.timer.cancel()
    known.timer = this.#arm(key, dueMs)
    known.armedForMs = dueMs
  }

  /** Does nothing when there is none. */
  cancel(key: string): void {
    this.#entries.get(key)?.timer.cancel()
    this.#entries.delete(key)
  }

  cancelAll(): void {
    for (const { timer } of this.#entries.values()) timer.cancel()
    this.#entries.clear()
  }

  #arm(key: string, dueMs: number): Timer {
    return this.#environment.timers.at(dueMs, () => this.#woke(key))
  }

  #woke(key: string): void {
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    if (entry.dueMs > this.#environment.clock.monotonic()) {
      entry.timer = this.#arm(key, entry.dueMs)
      entry.armedForMs = entry.dueMs
      return
    }
    this.#entries.delete(key)
    this.#due(key, entry.event)
  }
}
