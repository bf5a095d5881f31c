import type { Environment, Timer } from '../kernel/environment.ts'
import type { Segment } from './segment.ts'

export interface SegmentRemovalOptions {
  readonly environment: Environment
  /** `file.delete.delay.ms`, now. */
  readonly delayMs: () => number
  /** Told when files could not be removed. */
  readonly failed: (error: unknown) => void
}

/** Takes the files of segments away that left the log: renamed at once, removed after the delay, so
 *  that reads that have begun find what they look for. */
export class SegmentRemoval {
  readonly #options: SegmentRemovalOptions
  readonly #timers = new Set<Timer>()

  constructor(options: SegmentRemovalOptions) {
    this.#options = options
  }

  /** Takes segments that nobody will look up any more. */
  take(segments: readonly Segment[]): void {
    if (segments.length === 0) return
    const removed = [...segments] // the caller's list goes on to change
    for (const segment of removed) segment.markDeleted()
    const { clock, timers } = this.#options.environment
    const timer = timers.at(clock.monotonic() + this.#options.delayMs(), () => {
      this.#timers.delete(timer)
      try {
        for (const segment of removed) segment.remove()
      } catch (error) {
        this.#options.failed(error)
      }
    })
    this.#timers.add(timer)
  }

  /** Removes nothing more: what is left goes at the next start. */
  stop(): void {
    for (const timer of this.#timers) timer.cancel()
    this.#timers.clear()
  }
}
