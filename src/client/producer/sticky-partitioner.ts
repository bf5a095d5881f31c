import type { Random } from '../../kernel/environment.ts'

/** A partition as the choice among them sees it. */
export interface Load {
  readonly partition: number
  /** Batches that wait for it or are on their way. */
  readonly queued: number
  /** Whether it has a leader that takes batches. */
  readonly isAvailable: boolean
}

/**
 * Partitions for records without a key: one until it was given `batch.size` bytes, so that batches
 * fill, then another by chance, where those with short queues have better chances (KIP-480, KIP-794).
 */
export class StickyPartitioner {
  readonly #random: Random
  readonly #stickyBytes: number
  readonly #isAdaptive: boolean
  #partition = -1
  #bytes = 0

  constructor(random: Random, stickyBytes: number, isAdaptive: boolean) {
    this.#random = random
    this.#stickyBytes = Math.max(1, stickyBytes)
    this.#isAdaptive = isAdaptive
  }

  /** The partition of a record of `sizeBytes`. `loads` is asked for only when a new one is chosen. */
  partitionFor(sizeBytes: number, loads: () => readonly Load[]): number {
    if (this.#partition < 0 || this.#bytes >= this.#stickyBytes) {
      this.#partition = choose(loads(), this.#isAdaptive, this.#random)
      this.#bytes = 0
    }
    this.#bytes += sizeBytes
    return this.#partition
  }

  /** The present partition lost its leader: the next record chooses anew. */
  release(): void {
    this.#partition = -1
  }
}

/** By chance, in proportion to how much shorter each queue is than the longest, plus one. */
export function choose(loads: readonly Load[], isAdaptive: boolean, random: Random): number {
  const available = loads.filter((load) => load.isAvailable)
  const candidates = available.length > 0 ? available : loads
  if (!isAdaptive) return candidates[random.below(candidates.length)]!.partition
  let longest = 0
  for (const { queued } of candidates) longest = Math.max(longest, queued)
  let total = 0
  for (const { queued } of candidates) total += longest + 1 - queued
  let point = random.below(total)
  for (const { partition, queued } of candidates) {
    point -= longest + 1 - queued
    if (point < 0) return partition
  }
  return candidates.at(-1)!.partition
}
