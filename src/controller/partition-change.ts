import type { Expectation, Put } from '../metadata/coordination.ts'
import type { PartitionImage, TopicImage } from '../metadata/image.ts'
import { partitionKey, topicKey } from '../metadata/keys.ts'
import type { PartitionValue } from '../metadata/values.ts'

/** The write that makes a partition what `after` says, one partition epoch on. */
export function putPartition(topicId: string, after: PartitionImage): Put {
  const value: PartitionValue = {
    leader: after.leader,
    leaderEpoch: after.leaderEpoch,
    partitionEpoch: after.partitionEpoch + 1,
    isr: after.isr,
    replicas: after.replicas,
    ...(after.elr.length > 0 && { elr: after.elr }),
    ...(after.lastKnownElr.length > 0 && { lastKnownElr: after.lastKnownElr }),
    ...(after.addingReplicas.length > 0 && { addingReplicas: after.addingReplicas }),
    ...(after.removingReplicas.length > 0 && { removingReplicas: after.removingReplicas }),
  }
  return { key: partitionKey(topicId, after.index), value: JSON.stringify(value) }
}

/** What such a write rests on: the partition as it was seen, of a topic that is still there. */
export function expectPartition(
  topic: TopicImage,
  before: PartitionImage,
): Readonly<Record<string, Expectation>> {
  return {
    [topicKey(topic.name)]: { createRevision: topic.createRevision },
    [partitionKey(topic.id, before.index)]: { modRevision: before.revision },
  }
}
