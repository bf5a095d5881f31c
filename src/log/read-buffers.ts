/** Sizes are powers of two: from 4 KiB, the cost of one read, to 4 MiB, what recovery reads at once. */
const SMALLEST_BYTES = 4 * 1024
const LARGEST_BYTES = 4 * 1024 * 1024

/** Buffers for file reads, used again: reading into a warm buffer is 1.8 times as fast as into a new
 *  one (ARCHITECTURE §9). */
export class ReadBuffers {
  readonly #budgetBytes: number
  readonly #free = new Map<number, Uint8Array[]>()
  #keptBytes = 0

  /** @param budgetBytes of unused buffers kept; what comes back beyond it goes to the collector. */
  constructor(budgetBytes: number) {
    this.#budgetBytes = budgetBytes
  }

  get keptBytes(): number {
    return this.#keptBytes
  }

  /** A buffer of at least `sizeBytes` with any content. The caller owns it until `give`. */
  take(sizeBytes: number): Uint8Array {
    if (sizeBytes > LARGEST_BYTES) return new Uint8Array(sizeBytes)
    const size = roundUp(sizeBytes)
    const free = this.#free.get(size)?.pop()
    if (free === undefined) return new Uint8Array(size)
    this.#keptBytes -= size
    return free
  }

  /** Gives a buffer back. Nobody may look at it any more. */
  give(buffer: Uint8Array): void {
    const size = buffer.length
    if (size > LARGEST_BYTES || this.#keptBytes + size > this.#budgetBytes) return
    const free = this.#free.get(size)
    if (free === undefined) this.#free.set(size, [buffer])
    else free.push(buffer)
    this.#keptBytes += size
  }
}

function roundUp(sizeBytes: number): number {
  let size = SMALLEST_BYTES
  while (size < sizeBytes) size *= 2
  return size
}
