import type { Environment, Timer } from '../../kernel/environment.ts'
import type { Partitions } from '../../replication/partitions.ts'
import type { FetchSet } from './fetch-set.ts'
import type { Parked, ParkedFetches } from './parked-fetches.ts'
import { type FetchLimits, type FetchResults, readEntries } from './read-entries.ts'

export interface FetchWait {
  /** The answer waits until it has this many bytes of records … */
  readonly minBytes: number
  /** … or this long, or something else happened to a partition. */
  readonly maxWaitMs: number
  /** Fires when nobody waits any more. */
  readonly signal: AbortSignal
  /** Where it is noted while it waits. */
  readonly parked: ParkedFetches
}

/**
 * Reads for one fetch, at once when there is enough, else when there is (a long poll).
 * The wait costs nothing while nothing changes: it sits on the waiter lists of its partitions.
 */
export function serveFetch(
  set: FetchSet,
  partitions: Partitions,
  limits: FetchLimits,
  wait: FetchWait,
  environment: Environment,
): FetchResults | Promise<FetchResults> {
  const first = readEntries(set, partitions, limits)
  const mustNotWait = wait.maxWaitMs <= 0 || set.entries.size === 0
  const enough = (found: FetchResults): boolean =>
    mustNotWait || found.isUrgent || found.sizeBytes >= wait.minBytes
  if (!(first instanceof Promise) && enough(first)) return first
  return new Promise((resolve, reject) => {
    const parked = new ParkedFetch(set, partitions, limits, wait, environment, resolve, reject)
    Promise.resolve(first).then(
      (found) => (enough(found) ? resolve(found) : parked.start(found)),
      reject,
    )
  })
}

/** A fetch that waits. */
class ParkedFetch implements Parked {
  readonly #set: FetchSet
  readonly #partitions: Partitions
  readonly #limits: FetchLimits
  readonly #wait: FetchWait
  readonly #environment: Environment
  readonly #resolve: (results: FetchResults) => void
  readonly #reject: (error: unknown) => void
  #timer: Timer | undefined
  #isOver = false
  #isReading = false
  /** Something changed since the last look. */
  #isStale = false
  #isExpired = false
  readonly #onAbort = (): void => this.end()

  constructor(
    set: FetchSet,
    partitions: Partitions,
    limits: FetchLimits,
    wait: FetchWait,
    environment: Environment,
    resolve: (results: FetchResults) => void,
    reject: (error: unknown) => void,
  ) {
    this.#set = set
    this.#partitions = partitions
    this.#limits = limits
    this.#wait = wait
    this.#environment = environment
    this.#resolve = resolve
    this.#reject = reject
  }

  start(found: FetchResults): void {
    found.release()
    const { clock, timers } = this.#environment
    this.#timer = timers.at(clock.monotonic() + this.#wait.maxWaitMs, () => this.end())
    this.#wait.signal.addEventListener('abort', this.#onAbort)
    this.#set.onReady = () => this.#changed()
    this.#set.watch()
    // What changed while the first look came from the disk was not reported.
    this.#changed()
    this.#wait.parked.add(this)
    if (this.#wait.signal.aborted) this.end()
  }

  end(): void {
    this.#isExpired = true
    this.#look()
  }

  /** Looks once for all changes of a turn. */
  #changed(): void {
    if (this.#isStale) return
    this.#isStale = true
    this.#environment.timers.afterTurn(() => this.#look())
  }

  async #look(): Promise<void> {
    if (this.#isOver || this.#isReading) return
    this.#isReading = true
    this.#isStale = false
    try {
      const reading = readEntries(this.#set, this.#partitions, this.#limits)
      const found = reading instanceof Promise ? await reading : reading
      const isEnough = this.#isExpired || found.isUrgent || found.sizeBytes >= this.#wait.minBytes
      if (isEnough) return this.#finish(() => this.#resolve(found))
      found.release()
    } catch (error) {
      return this.#finish(() => this.#reject(error))
    } finally {
      this.#isReading = false
    }
    if (this.#isStale) this.#environment.timers.afterTurn(() => this.#look())
  }

  #finish(answer: () => void): void {
    this.#isOver = true
    this.#timer?.cancel()
    this.#wait.parked.remove(this)
    this.#wait.signal.removeEventListener('abort', this.#onAbort)
    this.#set.onReady = undefined
    answer()
  }
}
