/** One partition of a topic. */
export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** The text by which a partition is found in maps and named in errors: `orders-3`. Different
 *  partitions have different texts, because the number follows the last dash. */
export function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`
}

/** Anything about partitions, put together by topic as requests want it. */
export function byTopic<P extends TopicPartition>(
  partitions: Iterable<P>,
): ReadonlyMap<string, readonly P[]> {
  return Map.groupBy(partitions, ({ topic }) => topic)
}
