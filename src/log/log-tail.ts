import { assert } from '../kernel/assert.ts'
import { holdMemory, releaseMemory } from '../kernel/buffer-pool.ts'
import { cutBatches } from './batch-cut.ts'
import type { CachedRun, TailCache } from './tail-cache.ts'

/** Batches that are smaller, or only a small part of the buffer they came in, are copied together. */
const BY_REFERENCE_FROM_BYTES = 8 * 1024
const SMALLEST_SLAB_BYTES = 1024
const LARGEST_SLAB_BYTES = 64 * 1024

/** Batches that follow one another without a gap, in one piece of memory. */
class Run implements CachedRun {
  older: CachedRun | undefined = undefined
  newer: CachedRun | undefined = undefined
  readonly owner: LogTail
  /** Larger than `usedBytes` while more batches may be copied in. */
  readonly memory: Uint8Array
  readonly costBytes: number
  /** No offset from here on and below the first batch is in the log. */
  readonly startOffset: number
  usedBytes: number
  endOffset: number

  constructor(owner: LogTail, memory: Uint8Array, usedBytes: number, start: number, end: number) {
    this.owner = owner
    this.memory = memory
    this.costBytes = memory.buffer.byteLength
    this.startOffset = start
    this.usedBytes = usedBytes
    this.endOffset = end
  }

  get freeBytes(): number {
    return this.memory.length - this.usedBytes
  }

  bytes(): Uint8Array {
    return this.memory.subarray(0, this.usedBytes)
  }
}

/** What of one log is in the tail cache: its last batches without a gap up to its end, exactly as
 *  they are in the file. */
export class LogTail {
  readonly #cache: TailCache
  /** Oldest first; each begins where the one before ends. */
  #runs: Run[] = []
  #endOffset: number

  constructor(cache: TailCache, endOffset: number) {
    this.#cache = cache
    this.#endOffset = endOffset
  }

  /** Everything from here to the end of the log is in the cache. */
  get startOffset(): number {
    return this.#runs[0]?.startOffset ?? this.#endOffset
  }

  /**
   * Takes in a batch that is being appended.
   * @param batch must not change any more. A large one is kept as it is and with it the buffer it
   *   lies in, others are copied.
   * @param endOffset the end of the log behind it.
   * @returns the same bytes, in the memory that is kept: consecutive small batches lie side by side.
   *   Held for the caller, who writes them to the file and releases them.
   */
  add(batch: Uint8Array, endOffset: number): Uint8Array {
    assert(endOffset > this.#endOffset, `end ${endOffset} does not follow ${this.#endOffset}`)
    const start = this.#endOffset
    this.#endOffset = endOffset
    const isMostOfItsBuffer = 2 * batch.length >= batch.buffer.byteLength
    if (batch.length >= BY_REFERENCE_FROM_BYTES && isMostOfItsBuffer) {
      holdMemory(batch)
      this.#push(new Run(this, batch, batch.length, start, endOffset))
      return batch
    }
    let run = this.#runs.at(-1)
    if (run === undefined || run.freeBytes < batch.length) {
      run = new Run(this, this.#newSlab(batch.length, run), 0, start, start)
      this.#push(run)
    } else holdMemory(run.memory)
    const at = run.usedBytes
    run.memory.set(batch, at)
    run.usedBytes += batch.length
    run.endOffset = endOffset
    return run.memory.subarray(at, run.usedBytes)
  }

  /**
   * Whole batches from the one that holds `offset` (or the next, in a gap) on, without a copy. Their
   * memory is held for the reader, who releases each chunk.
   * @param endOffset batches that end behind it are left out.
   * @returns undefined when the cache does not reach back to `offset`.
   */
  read(offset: number, endOffset: number, maxBytes: number, minOneBatch: boolean) {
    if (offset < this.startOffset || offset >= this.#endOffset) return undefined
    const chunks: Uint8Array[] = []
    let nextOffset = offset
    let left = maxBytes
    for (let at = this.#find(offset); at < this.#runs.length; at++) {
      const run = this.#runs[at]!
      const wantsFirst = minOneBatch && chunks.length === 0
      if (run.startOffset >= offset && run.endOffset <= endOffset && run.usedBytes <= left) {
        chunks.push(run.bytes())
        left -= run.usedBytes
        nextOffset = run.endOffset
        continue
      }
      const range = { offset, endOffset, maxBytes: left, minOneBatch: wantsFirst }
      const cut = cutBatches(run.bytes(), 0, range)
      if (cut.end > cut.start) {
        chunks.push(run.memory.subarray(cut.start, cut.end))
        left -= cut.end - cut.start
        nextOffset = cut.nextOffset
      }
      if (cut.isLimited) break
    }
    for (const chunk of chunks) holdMemory(chunk)
    return { chunks, nextOffset }
  }

  /** Drops all batches below `offset`, and those that share their memory: the files hold less now. */
  dropBelow(offset: number): void {
    for (let run = this.#runs[0]; run && run.startOffset < offset; run = this.#runs[0]) {
      this.#cache.remove(run)
      this.#runs.shift()
      releaseMemory(run.memory)
    }
  }

  /** Drops everything: the log goes on at `endOffset`. */
  reset(endOffset: number): void {
    for (const run of this.#runs) {
      this.#cache.remove(run)
      releaseMemory(run.memory)
    }
    this.#runs = []
    this.#endOffset = endOffset
  }

  /** Called by the cache, which has forgotten the run already. */
  dropOldest(run: CachedRun): void {
    assert(this.#runs[0] === run, 'the oldest run of a log is not its first')
    this.#runs.shift()
    releaseMemory(run.memory)
  }

  #push(run: Run): void {
    holdMemory(run.memory)
    this.#runs.push(run)
    this.#cache.add(run)
  }

  /** Slabs double in size as a log goes on, so that thousands of quiet logs occupy little. The largest
   *  come from the pool, held by the caller: busy logs use those. */
  #newSlab(neededBytes: number, last: Run | undefined): Uint8Array {
    const larger = Math.min(LARGEST_SLAB_BYTES, 2 * (last?.memory.length ?? 0))
    const sizeBytes = Math.max(SMALLEST_SLAB_BYTES, neededBytes, larger)
    if (sizeBytes >= LARGEST_SLAB_BYTES) return this.#cache.slabs.take(sizeBytes)
    // Only what has been copied in is ever read: filling it with zeros first would be lost work.
    const { buffer, byteOffset } = Buffer.allocUnsafeSlow(sizeBytes)
    return new Uint8Array(buffer, byteOffset, sizeBytes)
  }

  /** The last run that begins at or below `offset`. */
  #find(offset: number): number {
    let low = 0
    let high = this.#runs.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#runs[middle]!.startOffset <= offset) low = middle
      else high = middle - 1
    }
    return low
  }
}
