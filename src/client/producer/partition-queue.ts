import { NO_SEQUENCE } from '../../records/batch.ts'
import type { IdentityKeeper, ProducerIdentity } from './identity.ts'
import type { ProducerBatch } from './producer-batch.ts'

const SEQUENCES = 0x8000_0000

/**
 * The batches of one partition, from the one that takes records to those on their way, and the thread
 * of their sequence numbers.
 *
 * An idempotent batch gets its number when it is sent for the first time and keeps it, so that the
 * broker can tell that it has it already. Two rules keep the thread whole. A batch that is sent again
 * goes alone: nothing else is on its way. And until the broker has acknowledged a first batch of the
 * identity, only one is on its way, because a broker that knows nothing of an identity accepts any
 * number as its first.
 *
 * When a batch fails after it was sent, nobody knows whether the broker has it: the thread is
 * unresolved. A later batch that is accepted proves that it had; one that is refused, or the absence of
 * any, leads to a new epoch, in which numbers begin at 0.
 */
export class PartitionQueue {
  readonly topic: string
  readonly partition: number
  /** Takes records. */
  open: ProducerBatch | undefined
  /** Closed and waiting, in order: also those that are sent again. */
  readonly waiting: ProducerBatch[] = []
  /** On their way, in order. */
  readonly inFlight: ProducerBatch[] = []
  /** Nothing is sent before, on the monotonic clock. */
  retryAtMs = 0
  /** Attempts that failed in a row. */
  failures = 0
  #nextOrder = 0
  #identity: ProducerIdentity | undefined
  #nextSequence = 0
  /** Whether the broker has acknowledged a batch of the identity. */
  #isKnown = false
  /** The latest batch of which nobody knows whether the broker has it; -1: none. */
  #unresolvedOrder = -1
  #mustRenew = false

  constructor(topic: string, partition: number) {
    this.topic = topic
    this.partition = partition
  }

  /** Batches here: what adaptive partitioning goes by. */
  get size(): number {
    return this.waiting.length + this.inFlight.length + (this.open === undefined ? 0 : 1)
  }

  /** The place that the first record of the next batch will have. */
  get nextOrder(): number {
    return this.#nextOrder
  }

  /** Takes the open batch: no more records go into it. */
  takeOpen(): ProducerBatch | undefined {
    const { open } = this
    if (open !== undefined) this.#nextOrder = open.order + open.count
    this.open = undefined
    return open
  }

  /** Whether no earlier batch than this one is unsettled. */
  isFirst(batch: ProducerBatch): boolean {
    const isLater = (other: ProducerBatch) => other.order >= batch.order
    return this.inFlight.every(isLater) && this.waiting.every(isLater)
  }

  /**
   * Prepares a batch, the first of those that wait, to be sent, if the thread of numbers allows that now.
   * @param mostInFlight batches of this partition on their way at a time.
   * @returns the identity it is sent under; undefined when it has to wait.
   */
  claim(
    batch: ProducerBatch,
    keeper: IdentityKeeper,
    mostInFlight: number,
  ): ProducerIdentity | undefined {
    const isIdle = this.inFlight.length === 0
    if (this.#mustRenew || (this.#unresolvedOrder >= 0 && batch.baseSequence === NO_SEQUENCE)) {
      if (!isIdle || !this.#renew(keeper)) return undefined
    }
    if (batch.baseSequence !== NO_SEQUENCE) return isIdle ? this.#identity : undefined
    if (this.inFlight.length >= (this.#isKnown ? mostInFlight : 1)) return undefined
    this.#identity ??= keeper.current
    if (this.#identity === undefined) return undefined
    batch.baseSequence = this.#nextSequence
    this.#nextSequence = sequenceAfter(this.#nextSequence, batch.count)
    return this.#identity
  }

  /** The broker has the batch. */
  acknowledged(batch: ProducerBatch): void {
    this.#isKnown = true
    this.failures = 0
    if (batch.order > this.#unresolvedOrder) this.#unresolvedOrder = -1
  }

  /** A batch was given up: if it was ever sent, nobody knows whether the broker has it. */
  abandoned(batch: ProducerBatch): void {
    if (batch.baseSequence === NO_SEQUENCE) return
    this.#unresolvedOrder = Math.max(this.#unresolvedOrder, batch.order)
  }

  /** The broker knows nothing of the batches before the first one: it holds none from there on. */
  renewLater(): void {
    this.#mustRenew = true
  }

  /** Puts a batch back among those that wait, in its place. */
  putBack(batch: ProducerBatch): void {
    this.#insert(batch.order, [batch])
  }

  /** Puts what a batch was split into in its place, with its numbers. */
  putSplit(batch: ProducerBatch, parts: readonly ProducerBatch[]): void {
    let sequence = batch.baseSequence
    for (const part of parts) {
      part.baseSequence = sequence
      if (sequence !== NO_SEQUENCE) sequence = sequenceAfter(sequence, part.count)
    }
    this.#insert(batch.order, parts)
  }

  #insert(order: number, batches: readonly ProducerBatch[]): void {
    const at = this.waiting.findIndex((other) => other.order > order)
    this.waiting.splice(at < 0 ? this.waiting.length : at, 0, ...batches)
  }

  /** @returns whether there is a new identity; numbers begin at 0 under it. */
  #renew(keeper: IdentityKeeper): boolean {
    const identity = keeper.after(this.#identity)
    if (identity === undefined) return false
    this.#identity = identity
    this.#nextSequence = 0
    this.#isKnown = false
    this.#mustRenew = false
    this.#unresolvedOrder = -1
    for (const batch of this.waiting) batch.baseSequence = NO_SEQUENCE
    return true
  }
}

/** Numbers go from 0 to 2^31 - 1 and begin again. */
export function sequenceAfter(sequence: number, count: number): number {
  return (sequence + count) % SEQUENCES
}
