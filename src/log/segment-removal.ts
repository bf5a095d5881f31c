import type { Environment, Timer } from '../kernel/environment.ts'
import type { Segment } from './segment.ts'

export interface SegmentRemovalOptions {
  readonly environment: Environment
  /** `file.delete.delay.ms`, now. */
  readonly delayMs: () => number
  /** Told when files could not be removed. */
  readonly failed: (error: unknown) => void
}

/** Segments whose files go together. */
interface Waiting {
  segments: readonly Segment[]
  readonly timer: Timer
}

/** Takes the files of segments away that left the log: renamed at once, removed after the delay, so
 *  that reads that have begun find what they look for. */
export class SegmentRemoval {
  readonly #options: SegmentRemovalOptions
  readonly #waiting = new Set<Waiting>()

  constructor(options: SegmentRemovalOptions) {
    this.#options = options
  }

  /** Takes segments that nobody will look up any more. */
  take(segments: readonly Segment[]): void {
    if (segments.length === 0) return
    for (const segment of segments) {
      this.#makeRoomFor(segment)
      segment.markDeleted()
    }
    const { clock, timers } = this.#options.environment
    const timer = timers.at(clock.monotonic() + this.#options.delayMs(), () => {
      this.#waiting.delete(waiting)
      try {
        for (const segment of waiting.segments) segment.remove()
      } catch (error) {
        this.#options.failed(error)
      }
    })
    const waiting: Waiting = { segments: [...segments], timer } // the caller's list goes on to change
    this.#waiting.add(waiting)
  }

  /** Removes at once what waits under the names that `segment` is about to get: a log that is compacted
   *  often has the same base offset again and again. */
  #makeRoomFor({ baseOffset }: Segment): void {
    for (const waiting of this.#waiting) {
      const older = waiting.segments.filter((segment) => segment.baseOffset === baseOffset)
      if (older.length === 0) continue
      for (const segment of older) segment.remove()
      waiting.segments = waiting.segments.filter((segment) => !older.includes(segment))
    }
  }

  /** Removes nothing more: what is left goes at the next start. */
  stop(): void {
    for (const { timer } of this.#waiting) timer.cancel()
    this.#waiting.clear()
  }
}
