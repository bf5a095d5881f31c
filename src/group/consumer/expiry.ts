import type { ConsumerGroup } from './group.ts'

/** Whether a group reads a topic, so that its offsets of it stay: some member names it, or a pattern
 *  of one matched it. */
export function isSubscribedByConsumer(group: ConsumerGroup, topic: string): boolean {
  return group.topicSubscribers.has(topic)
}

/** From when on the retention of an offset that nobody subscribes to counts, wall clock: from its
 *  commit, in whatever state the group is. */
export function consumerRetentionStart(_group: ConsumerGroup, commitTimestampMs: number): number {
  return commitTimestampMs
}
