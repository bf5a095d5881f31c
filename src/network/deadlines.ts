import type { Clock, Timer, Timers } from '../kernel/environment.ts'

/**
 * One timer for the time limits of many connections. It fires when the earliest of them may be due,
 * looks at all connections, and is set to what they then say is the earliest: while nothing is due,
 * nothing wakes up, and traffic costs no timer.
 */
export class Deadlines {
  readonly #clock: Clock
  readonly #timers: Timers
  /** Looks at all connections. @returns when to look again at the latest. */
  readonly #checkAll: (nowMs: number) => number
  #timer: Timer | undefined
  #armedForMs = Number.POSITIVE_INFINITY

  constructor(clock: Clock, timers: Timers, checkAll: (nowMs: number) => number) {
    this.#clock = clock
    this.#timers = timers
    this.#checkAll = checkAll
  }

  /** Makes sure that a check comes at `dueMs`, or little later when others were due shortly before. */
  checkBy(dueMs: number): void {
    if (dueMs >= this.#armedForMs || dueMs === Number.POSITIVE_INFINITY) return
    this.#timer?.cancel()
    this.#armedForMs = dueMs
    this.#timer = this.#timers.at(dueMs, () => this.#check())
  }

  stop(): void {
    this.#timer?.cancel()
    this.#armedForMs = Number.NEGATIVE_INFINITY
  }

  #check(): void {
    const nowMs = this.#clock.monotonic()
    this.#armedForMs = Number.NEGATIVE_INFINITY // what comes up meanwhile is part of this check
    const nextMs = this.#checkAll(nowMs)
    this.#armedForMs = Number.POSITIVE_INFINITY
    this.checkBy(Math.max(nextMs, nowMs + MIN_PAUSE_MS))
  }
}

/** Looking at 10,000 connections takes about a millisecond: at most one in a hundred. */
const MIN_PAUSE_MS = 100
