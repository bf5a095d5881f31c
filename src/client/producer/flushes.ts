import type { ProducerBatch } from './producer-batch.ts'

/** Those who wait until all batches of a moment are settled. */
export class Flushes {
  readonly #open = new Set<{ readonly left: Set<ProducerBatch>; readonly done: () => void }>()

  /** Resolves when all of `left` are settled. */
  start(left: Set<ProducerBatch>): Promise<void> {
    if (left.size === 0) return Promise.resolve()
    return new Promise((done) => this.#open.add({ left, done }))
  }

  /** The records of a batch go on in several. */
  split(batch: ProducerBatch, parts: readonly ProducerBatch[]): void {
    for (const { left } of this.#open) {
      if (left.has(batch)) for (const part of parts) left.add(part)
    }
  }

  settled(batch: ProducerBatch): void {
    for (const flush of this.#open) {
      flush.left.delete(batch)
      if (flush.left.size > 0) continue
      this.#open.delete(flush)
      flush.done()
    }
  }
}
