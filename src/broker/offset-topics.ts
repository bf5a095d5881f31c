/** What the handlers of committed offsets have in common: topics that exist, and such that do not. */
import type { TopicImage } from '../metadata/image.ts'

export function hasPartition(
  { partitions }: TopicImage,
  { partitionIndex }: { readonly partitionIndex: number },
): boolean {
  return partitions[partitionIndex] !== undefined
}

interface AnsweredPartition {
  readonly partitionIndex: number
  readonly errorCode: number
}

interface AnsweredTopic {
  readonly name?: string | undefined
  readonly topicId?: string | undefined
  readonly partitions: readonly AnsweredPartition[]
}

/** Topics that were refused before the coordinator was asked and those that it answered for, each once,
 *  in Kafka's order. @param by what tells topics apart. */
export function joinTopics<T extends AnsweredTopic>(
  refused: readonly T[],
  answered: readonly T[],
  by: 'name' | 'topicId',
): readonly T[] {
  if (refused.length === 0) return answered
  const joined = new Map<string | undefined, T>()
  for (const topic of [...refused, ...answered]) {
    const before = joined.get(topic[by])
    const partitions = [...(before?.partitions ?? []), ...topic.partitions]
    joined.set(topic[by], before === undefined ? topic : { ...before, partitions })
  }
  return [...joined.values()]
}
