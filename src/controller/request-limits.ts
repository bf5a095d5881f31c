import type { ClusterImage } from '../metadata/image.ts'
import { KafkaError } from '../protocol/errors.ts'

/** Partitions one request may ask for, and records of metadata (topics, partitions, settings) it may
 *  make. Kafka's constants. */
const MAX_PARTITIONS_PER_REQUEST = 10_000
const MAX_RECORDS_PER_REQUEST = 10_000

/** @throws KafkaError POLICY_VIOLATION: nothing of the request is done, and all of it fails alike. */
export function checkRequestPartitions(partitions: number): void {
  if (partitions <= MAX_PARTITIONS_PER_REQUEST) return
  throw new KafkaError('POLICY_VIOLATION', 'Excessively large number of partitions per request.')
}

/** @throws KafkaError POLICY_VIOLATION: nothing of the request is done, and all of it fails alike. */
export function checkRequestRecords(records: number): void {
  if (records <= MAX_RECORDS_PER_REQUEST) return
  throw new KafkaError('POLICY_VIOLATION', 'Unable to perform excessively large batch operation.')
}

/** What is left of the partitions the cluster may have; taken from topic by topic. */
export class PartitionBudget {
  readonly #max: number
  #count: number

  constructor(image: ClusterImage, max: number) {
    this.#max = max
    this.#count = image.partitionCount
  }

  /** @throws KafkaError POLICY_VIOLATION when the cluster would have too many; none is taken then. */
  take(topic: string, partitions: number): void {
    if (this.#count + partitions > this.#max) {
      throw new KafkaError(
        'POLICY_VIOLATION',
        `Topic '${topic}' cannot get ${partitions} more partition(s): the cluster has ` +
          `${this.#count} of at most ${this.#max}.`,
      )
    }
    this.#count += partitions
  }
}
