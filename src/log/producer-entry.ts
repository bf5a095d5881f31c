import { NO_SEQUENCE, sequenceBefore } from './producer-sequence.ts'

/** Batches remembered per producer: a retry of one of them is answered with its first offset. Java's
 *  and librdkafka's producers keep at most five requests in flight when they are idempotent. */
const BATCHES_PER_PRODUCER = 5

/** What a producer has before its first batch. */
export const NO_EPOCH = -1

/** One remembered batch. Its first sequence and offset lie `offsetDelta` before the last ones. */
export interface ProducerBatch {
  readonly lastSequence: number
  readonly lastOffset: number
  readonly offsetDelta: number
  readonly timestamp: number
}

/** What one partition knows of one producer. */
export interface ProducerEntry {
  readonly producerId: number
  readonly producerEpoch: number
  /** Of the last end-of-transaction marker, -1 before one. */
  readonly coordinatorEpoch: number
  /** Of the last batch or marker, ms since 1970. */
  readonly lastTimestamp: number
  /** First offset of its open transaction, -1 without one. */
  readonly currentTxnFirstOffset: number
  /** The last of its current epoch, oldest first, at most five. */
  readonly batches: readonly ProducerBatch[]
}

/** Numbers per batch in the ring, in the order of `ProducerBatch`. */
const STRIDE = 4
const RING_LENGTH = BATCHES_PER_PRODUCER * STRIDE

/**
 * A producer in memory. There may be a million of them, so its batches are plain numbers in one array
 * of exactly the needed length: half the memory of objects.
 */
export class Producer implements ProducerEntry {
  readonly producerId: number
  producerEpoch = NO_EPOCH
  coordinatorEpoch = -1
  lastTimestamp = -1
  currentTxnFirstOffset = -1
  /** When this process last saw it. Expiry counts from here and not from the records' timestamps, so
   *  that a producer of old data is not forgotten while it is at work. */
  seenMs = 0
  #ring: number[] = NONE

  constructor(producerId: number) {
    this.producerId = producerId
  }

  /** A copy of `entry`, seen at `nowMs`. */
  static from(entry: ProducerEntry, nowMs: number): Producer {
    const producer = new Producer(entry.producerId)
    producer.producerEpoch = entry.producerEpoch
    producer.coordinatorEpoch = entry.coordinatorEpoch
    producer.lastTimestamp = entry.lastTimestamp
    producer.currentTxnFirstOffset = entry.currentTxnFirstOffset
    producer.seenMs = nowMs
    for (const batch of entry.batches) producer.remember(batch)
    return producer
  }

  get batches(): readonly ProducerBatch[] {
    const count = this.#ring.length / STRIDE
    return Array.from({ length: count }, (_, index) => this.#at(index * STRIDE))
  }

  /** The sequence that the next batch has to follow. */
  get lastSequence(): number {
    return this.#ring.at(-STRIDE) ?? NO_SEQUENCE
  }

  /** Takes in the batch that came last; of more than five the oldest is forgotten. */
  remember({ lastSequence, lastOffset, offsetDelta, timestamp }: ProducerBatch): void {
    const ring = this.#ring
    if (ring.length < RING_LENGTH) {
      // Unlike a spread or `push`, `concat` leaves no spare room.
      this.#ring = ring.concat([lastSequence, lastOffset, offsetDelta, timestamp])
      return
    }
    ring.copyWithin(0, STRIDE)
    ring[RING_LENGTH - 4] = lastSequence
    ring[RING_LENGTH - 3] = lastOffset
    ring[RING_LENGTH - 2] = offsetDelta
    ring[RING_LENGTH - 1] = timestamp
  }

  /** Takes over `epoch`; a new one begins without batches. */
  enter(epoch: number): void {
    if (epoch === this.producerEpoch) return
    this.producerEpoch = epoch
    this.#ring = NONE
  }

  /** The remembered batch of exactly these sequences. */
  find(firstSequence: number, lastSequence: number): ProducerBatch | undefined {
    const ring = this.#ring
    for (let at = 0; at < ring.length; at += STRIDE) {
      if (ring[at] !== lastSequence) continue
      if (sequenceBefore(lastSequence, ring[at + 2]!) === firstSequence) return this.#at(at)
    }
    return undefined
  }

  #at(at: number): ProducerBatch {
    const ring = this.#ring
    return {
      lastSequence: ring[at]!,
      lastOffset: ring[at + 1]!,
      offsetDelta: ring[at + 2]!,
      timestamp: ring[at + 3]!,
    }
  }
}

/** Shared by all producers without a batch; rings are replaced while they grow, not pushed to. */
const NONE: number[] = []
