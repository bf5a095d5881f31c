import { BufferPool } from '../kernel/buffer-pool.ts'
import { LogTail } from './log-tail.ts'

/** Bytes of recently appended batches kept in memory for readers at the tail. */
export const DEFAULT_TAIL_CACHE_BYTES = 64 * 1024 * 1024

/** Unused slabs that are kept. While the cache is full one comes back for each that is taken. */
const MAX_FREE_SLAB_BYTES = 4 * 1024 * 1024

/** A run of batches of one log, the unit of eviction. */
export interface CachedRun {
  /** Memory that stays occupied while it is kept: the whole buffer its bytes lie in. */
  readonly costBytes: number
  readonly memory: Uint8Array
  readonly owner: { dropOldest(run: CachedRun): void }
  /** Neighbours by age among the runs of all logs. */
  older: CachedRun | undefined
  newer: CachedRun | undefined
}

/**
 * The newest batches of all logs, in the buffers they came in, below one budget. Consumers near the
 * end of a log are served from here without a file read. Oldest out first, over all logs, so that
 * the cache holds the last stretch of time and not the busiest log only.
 */
export class TailCache {
  readonly budgetBytes: number
  /** Memory for small batches that are copied together. */
  readonly slabs = new BufferPool(MAX_FREE_SLAB_BYTES)
  #usedBytes = 0
  #oldest: CachedRun | undefined
  #newest: CachedRun | undefined

  /** @param budgetBytes 0 keeps nothing. */
  constructor(budgetBytes = DEFAULT_TAIL_CACHE_BYTES) {
    this.budgetBytes = budgetBytes
  }

  get usedBytes(): number {
    return this.#usedBytes
  }

  /** The tail of a new log, which begins at `endOffset`. */
  tail(endOffset: number): LogTail {
    return new LogTail(this, endOffset)
  }

  /** Takes a run in, and drops the oldest of all until the budget is met: the new one too when it is
   *  larger than the whole budget. */
  add(run: CachedRun): void {
    run.older = this.#newest
    if (this.#newest) this.#newest.newer = run
    else this.#oldest = run
    this.#newest = run
    this.#usedBytes += run.costBytes
    while (this.#usedBytes > this.budgetBytes) {
      const oldest = this.#oldest!
      this.remove(oldest)
      oldest.owner.dropOldest(oldest)
    }
  }

  /** Forgets a run that its owner has dropped. */
  remove(run: CachedRun): void {
    if (run.older) run.older.newer = run.newer
    else this.#oldest = run.newer
    if (run.newer) run.newer.older = run.older
    else this.#newest = run.older
    run.older = undefined
    run.newer = undefined
    this.#usedBytes -= run.costBytes
  }
}
