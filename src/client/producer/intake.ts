import type { TopicInfo } from '../cluster-image.ts'
import { PartitionQueue } from './partition-queue.ts'
import type { Reject, Resolve, SerializedRecord } from './producer-batch.ts'
import type { DeliveryCallback, ProducerRecord } from './record.ts'
import type { StickyPartitioner } from './sticky-partitioner.ts'

/** A record that could not be put into a batch at once. */
export interface Delayed {
  /** The record as it was given: for the partitioner. */
  readonly record: ProducerRecord<unknown, unknown>
  /** A promise while a serializer is at work. */
  readonly serialized: SerializedRecord | Promise<SerializedRecord>
  /** When `max.block.ms` is over, on the monotonic clock. */
  readonly deadlineMs: number
  readonly resolve: Resolve | DeliveryCallback | undefined
  readonly reject: Reject | undefined
}

/** Sends of one topic that may wait: a defect of the application beyond it. */
export const MAX_DELAYED = 1_000_000

/**
 * Where the records of one topic come in: the queues of its partitions, and, in order, the records
 * that wait for metadata, a serializer or memory. As long as any wait, all go behind them.
 */
export class Intake {
  readonly topic: string
  readonly sticky: StickyPartitioner
  readonly delayed: Delayed[] = []
  /** The work on `delayed`, while there is any. */
  working: Promise<void> | undefined
  readonly #queues: PartitionQueue[] = []

  constructor(topic: string, sticky: StickyPartitioner) {
    this.topic = topic
    this.sticky = sticky
  }

  queue(partition: number): PartitionQueue {
    for (let next = this.#queues.length; next <= partition; next++) {
      this.#queues.push(new PartitionQueue(this.topic, next))
    }
    return this.#queues[partition]!
  }

  /** How busy each partition is, for records without a key. */
  loads(info: TopicInfo, isAvailable: (leaderId: number) => boolean) {
    return info.partitions.map(({ partition, leaderId }) => {
      const queued = this.#queues[partition]?.size ?? 0
      return { partition, queued, isAvailable: isAvailable(leaderId) }
    })
  }
}
