import type { ClusterImage } from '../metadata/image.ts'
import { KafkaError } from '../protocol/errors.ts'

/**
 * Holds the replicas a client chose for one partition to Kafka's rules.
 * @param replicationFactor what the topic's other partitions have; undefined for the first.
 * @throws KafkaError INVALID_REPLICA_ASSIGNMENT
 */
export function checkAssignment(
  image: ClusterImage,
  brokerIds: readonly number[],
  replicationFactor: number | undefined,
): void {
  if (brokerIds.length === 0) throw invalid('includes an empty replica list.')
  const sorted = brokerIds.toSorted((a, b) => a - b)
  for (const [i, id] of sorted.entries()) {
    if (!image.brokers.has(id)) {
      throw invalid(`includes broker ${id}, but no such broker is registered.`)
    }
    if (id === sorted[i - 1]) throw invalid(`includes the broker ${id} more than once.`)
  }
  if (replicationFactor === undefined || brokerIds.length === replicationFactor) return
  throw invalid(
    `includes a partition with ${brokerIds.length} replica(s), but this is not consistent with ` +
      `previous partitions, which have ${replicationFactor} replica(s).`,
  )
}

function invalid(problem: string): KafkaError {
  return new KafkaError('INVALID_REPLICA_ASSIGNMENT', `The manual partition assignment ${problem}`)
}
