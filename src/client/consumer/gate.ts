import type { Times } from '../waiting.ts'

/** Where callers wait until something has happened that may let them go on; they look again then. */
export class Gate {
  readonly #times: Times
  readonly #waiting = new Set<() => void>()

  constructor(times: Times) {
    this.#times = times
  }

  /** Lets everybody look who waits now. */
  open(): void {
    const all = [...this.#waiting]
    this.#waiting.clear()
    for (const go of all) go()
  }

  /**
   * Resolves when `open` is called or `deadlineMs` of the monotonic clock has come.
   * @throws the signal's reason when it fires first.
   */
  wait(deadlineMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason)
        return
      }
      const end = () => {
        this.#waiting.delete(go)
        timer.cancel()
        signal?.removeEventListener('abort', abandon)
      }
      const go = () => {
        end()
        resolve()
      }
      const abandon = () => {
        end()
        reject(signal?.reason)
      }
      const timer = this.#times.timers.at(deadlineMs, go)
      this.#waiting.add(go)
      signal?.addEventListener('abort', abandon, { once: true })
    })
  }
}
