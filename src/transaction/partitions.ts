/** Partitions by topic. */
export type TransactionPartitions = ReadonlyMap<string, ReadonlySet<number>>

/** What most transactional ids have most of the time; one object for all of them. */
export const NO_PARTITIONS: TransactionPartitions = new Map()

/** As messages list them. */
export interface TopicPartitions {
  readonly topic: string
  readonly partitionIds: readonly number[]
}

export function partitionsOf(topics: Iterable<TopicPartitions>): TransactionPartitions {
  const partitions = new Map<string, ReadonlySet<number>>()
  for (const { topic, partitionIds } of topics) {
    partitions.set(topic, new Set([...(partitions.get(topic) ?? []), ...partitionIds]))
  }
  return partitions.size === 0 ? NO_PARTITIONS : partitions
}

export function topicsOf(partitions: TransactionPartitions): TopicPartitions[] {
  return [...partitions].map(([topic, ids]) => ({ topic, partitionIds: [...ids] }))
}

export function hasPartition(
  partitions: TransactionPartitions,
  topic: string,
  partition: number,
): boolean {
  return partitions.get(topic)?.has(partition) ?? false
}

export function hasAll(partitions: TransactionPartitions, others: TransactionPartitions): boolean {
  for (const [topic, ids] of others) {
    for (const id of ids) if (!hasPartition(partitions, topic, id)) return false
  }
  return true
}

export function withPartitions(
  partitions: TransactionPartitions,
  added: TransactionPartitions,
): TransactionPartitions {
  return partitionsOf([...topicsOf(partitions), ...topicsOf(added)])
}

/** Those that are not among `removed`. */
export function withoutPartitions(
  partitions: TransactionPartitions,
  removed: TransactionPartitions,
): TransactionPartitions {
  const left = topicsOf(partitions).map(({ topic, partitionIds }) => ({
    topic,
    partitionIds: partitionIds.filter((id) => !hasPartition(removed, topic, id)),
  }))
  return partitionsOf(left.filter(({ partitionIds }) => partitionIds.length > 0))
}
