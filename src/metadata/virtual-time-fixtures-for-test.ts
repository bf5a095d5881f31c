import type { Clock, Timer, Timers } from '../kernel/environment.ts'

/** A clock that stands still until it is told to pass, and the timers that hang on it. */
export class VirtualTime implements Clock, Timers {
  #nowMs = 0
  #due: { readonly dueMs: number; readonly run: () => void }[] = []

  now(): number {
    return this.#nowMs
  }

  monotonic(): number {
    return this.#nowMs
  }

  at(dueMs: number, run: () => void): Timer {
    const entry = { dueMs, run }
    this.#due.push(entry)
    return {
      cancel: () => {
        this.#due = this.#due.filter((other) => other !== entry)
      },
    }
  }

  afterTurn(run: () => void): void {
    setImmediate(run)
  }

  /** Runs what falls due within `ms`, in order. */
  pass(ms: number): void {
    const untilMs = this.#nowMs + ms
    for (;;) {
      const next = this.#due.toSorted((a, b) => a.dueMs - b.dueMs)[0]
      if (next === undefined || next.dueMs > untilMs) break
      this.#due = this.#due.filter((other) => other !== next)
      this.#nowMs = Math.max(this.#nowMs, next.dueMs)
      next.run()
    }
    this.#nowMs = untilMs
  }

  /** How many timers wait: 0 means that nothing will wake up. */
  get waiting(): number {
    return this.#due.length
  }
}
