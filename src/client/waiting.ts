import type { Environment } from '../kernel/environment.ts'

/** The times of an environment: what waiting needs of it. */
export type Times = Pick<Environment, 'clock' | 'timers'>

/** Resolves after `ms`; rejects with the signal's reason when that fires first. */
export function sleep(times: Times, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const abandon = () => {
      timer.cancel()
      reject(signal?.reason)
    }
    const timer = times.timers.at(times.clock.monotonic() + ms, () => {
      signal?.removeEventListener('abort', abandon)
      resolve()
    })
    signal?.addEventListener('abort', abandon, { once: true })
  })
}

/**
 * The outcome of `promise`, unless time or patience end first; what it stands for goes on.
 * @param late makes the error when `deadlineMs` of the monotonic clock has come.
 */
export function within<T>(
  times: Times,
  promise: Promise<T>,
  deadlineMs: number,
  late: () => unknown,
  signal?: AbortSignal,
): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const end = () => {
      timer.cancel()
      signal?.removeEventListener('abort', abandon)
    }
    const abandon = () => {
      end()
      reject(signal?.reason)
    }
    const timer = times.timers.at(deadlineMs, () => {
      end()
      reject(late())
    })
    signal?.addEventListener('abort', abandon, { once: true })
    promise.then(
      (value) => {
        end()
        resolve(value)
      },
      (error: unknown) => {
        end()
        reject(error)
      },
    )
  })
}
