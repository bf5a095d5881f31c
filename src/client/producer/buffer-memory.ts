/**
 * `buffer.memory`: the bytes of all batches that are being filled, wait, or are on their way. Memory
 * of batches of the usual size is used again.
 */
export class BufferMemory {
  readonly totalBytes: number
  readonly #usualBytes: number
  readonly #free: Uint8Array[] = []
  readonly #waiting: (() => void)[] = []
  #heldBytes = 0

  constructor(totalBytes: number, usualBytes: number) {
    this.totalBytes = totalBytes
    this.#usualBytes = usualBytes
  }

  get heldBytes(): number {
    return this.#heldBytes
  }

  /** Whether somebody waits: batches that are not full are sent then, whatever `linger.ms` says. */
  get isExhausted(): boolean {
    return this.#waiting.length > 0
  }

  /** Memory of at least `sizeBytes`; undefined when there is not so much left. */
  take(sizeBytes: number): Uint8Array | undefined {
    const wanted = Math.max(sizeBytes, this.#usualBytes)
    if (this.#heldBytes + wanted > this.totalBytes) return undefined
    this.#heldBytes += wanted
    const used = wanted === this.#usualBytes ? this.#free.pop() : undefined
    // Not from the pool of small buffers: a batch would keep all of it.
    return used ?? Buffer.allocUnsafeSlow(wanted)
  }

  /** Counts memory that was not taken from here and will be given back. */
  hold(sizeBytes: number): void {
    this.#heldBytes += sizeBytes
  }

  /** @param isReusable false when something may still hold these bytes: they are left to the
   *   garbage collector. */
  give(memory: Uint8Array, isReusable: boolean): void {
    this.#heldBytes -= memory.length
    if (isReusable && memory.length === this.#usualBytes) this.#free.push(memory)
    for (const wake of this.#waiting.splice(0)) wake()
  }

  /** Resolves when something was given back. */
  given(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }
}
