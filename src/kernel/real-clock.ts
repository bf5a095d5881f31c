import { randomBytes, randomInt } from 'node:crypto'
import type { Clock, Random, Timer, Timers } from './environment.ts'
import { TimerHeap } from './timer-heap.ts'
import { TurnQueue } from './turn-queue.ts'

/** The machine's clocks. `monotonic` counts from the start of the process. */
export const realClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
}

/** The machine's random numbers: unpredictable, for numbers and bytes alike. */
export const realRandom: Random = {
  below: (limit) => randomInt(limit),
  bytes: (count) => randomBytes(count),
}

/**
 * All timers of the process behind one timer of the system, set to the earliest that is due and not
 * keeping the process alive. While nothing is due, nothing wakes up.
 * @param holdsProcess keeps it alive as long as any waits: for a client, whose caller awaits what only
 *   a timer will bring while there is no connection.
 */
export function realTimers(clock: Clock, holdsProcess = false): Timers {
  const heap = new TimerHeap()
  const turns = new TurnQueue(() => setImmediate(drainTurn))
  const drainTurn = () => turns.drain()
  let armedForMs = Number.POSITIVE_INFINITY
  let armed: NodeJS.Timeout | undefined

  function arm(): void {
    const dueMs = heap.nextDueMs()
    if (dueMs >= armedForMs) return
    clearTimeout(armed)
    armedForMs = dueMs
    // Rounded up, so that it never wakes up just before the time; longer waits go in steps.
    const waitMs = Math.min(Math.max(Math.ceil(dueMs - clock.monotonic()), 1), LONGEST_WAIT_MS)
    armed = setTimeout(wake, waitMs)
    if (!holdsProcess) armed.unref()
  }

  function wake(): void {
    armedForMs = Number.POSITIVE_INFINITY
    try {
      const nowMs = clock.monotonic()
      // No more than wait now: a timer that is always due again must not keep I/O from its turn.
      for (let left = heap.size; left > 0; left--) heap.takeDue(nowMs)?.()
    } finally {
      arm()
    }
  }

  function cancel(timer: Timer): void {
    timer.cancel()
    if (heap.size > 0) return
    clearTimeout(armed)
    armedForMs = Number.POSITIVE_INFINITY
  }

  return {
    at(dueMs: number, run: () => void): Timer {
      const timer = heap.add(dueMs, run)
      if (dueMs < armedForMs) arm()
      return holdsProcess ? { cancel: () => cancel(timer) } : timer
    },
    afterTurn: (run) => turns.add(run),
  }
}

/** Resolves in the next turn of the event loop, after all promises of this one. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** The longest wait that `setTimeout` takes is 2^31 - 1 ms. */
const LONGEST_WAIT_MS = 0x7fff_ffff
