import type { Random } from '../kernel/environment.ts'
import type { ClusterImage } from '../metadata/image.ts'
import { KafkaError } from '../protocol/errors.ts'

/**
 * Chooses the brokers of new partitions: leaders go round the brokers from a random one, so that they
 * are spread evenly; followers go round too, one step further after each turn, so that the partitions
 * of one leader do not all have the same followers.
 * @returns the replicas of each partition, its first leader first.
 * @throws KafkaError INVALID_REPLICATION_FACTOR when there are too few brokers.
 */
export function placeReplicas(
  image: ClusterImage,
  partitionCount: number,
  replicationFactor: number,
  random: Random,
): readonly (readonly number[])[] {
  const brokers = [...image.brokers.keys()].sort((a, b) => a - b)
  const count = brokers.length
  if (replicationFactor > count || count === 0) throw tooFewBrokers(replicationFactor, count)
  const start = random.below(count)
  const firstShift = count > 1 ? random.below(count - 1) : 0
  return Array.from({ length: partitionCount }, (_, partition) => {
    const shift = firstShift + Math.floor(partition / count)
    return Array.from({ length: replicationFactor }, (_, replica) => {
      const step = replica === 0 ? 0 : 1 + ((shift + replica - 1) % (count - 1))
      return brokers[(start + partition + step) % count]!
    })
  })
}

function tooFewBrokers(replicationFactor: number, count: number): KafkaError {
  return new KafkaError(
    'INVALID_REPLICATION_FACTOR',
    `Unable to replicate the partition ${replicationFactor} time(s): The target replication factor ` +
      `of ${replicationFactor} cannot be reached because only ${count} broker(s) are registered ` +
      'or some brokers have all their log directories cordoned.',
  )
}
