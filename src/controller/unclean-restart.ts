import type { Expectation, Put } from '../metadata/coordination.ts'
import type { ClusterImage, PartitionImage } from '../metadata/image.ts'
import type { Decision, MetadataStore } from '../metadata/metadata-store.ts'
import { expectPartition, putPartition } from './partition-change.ts'

/** Puts and expectations that one partition takes. */
const OPERATIONS_PER_PARTITION = 3

/** One partition that a broker was in sync with when it went down. */
interface Affected {
  readonly topicId: string
  readonly index: number
  /** The leader epoch it went down in. */
  readonly leaderEpoch: number
}

/**
 * Makes the cluster take back what a broker that went down uncleanly may have lost: the end of its logs
 * that was not on its disk yet. It leaves every ISR that has other members, and with it leadership.
 * Where it is alone it leads on in a new leader epoch, by which consumers notice that offsets they have
 * seen now hold other records (KIP-320).
 *
 * Call it before the broker registers and serves. Commits as many partitions at a time as the store
 * takes; being broken off and run again does no harm.
 */
export async function restartUncleanly(metadata: MetadataStore, nodeId: number): Promise<void> {
  const { operations } = metadata.coordination.limits
  const perCommit = Math.max(1, Math.floor(operations / OPERATIONS_PER_PARTITION))
  const affected = affectedBy(metadata.image, nodeId)
  for (let at = 0; at < affected.length; at += perCommit) {
    const part = affected.slice(at, at + perCommit)
    await metadata.commit((image) => decideUncleanRestart(image, nodeId, part))
  }
}

/** The partitions whose ISR has the broker. */
export function affectedBy(image: ClusterImage, nodeId: number): readonly Affected[] {
  const affected: Affected[] = []
  for (const { id, partitions } of image.topics.values()) {
    for (const { index, isr, leaderEpoch } of partitions) {
      if (isr.includes(nodeId)) affected.push({ topicId: id, index, leaderEpoch })
    }
  }
  return affected
}

/** Changes those of `affected` that are still as they were. @returns how many. */
export function decideUncleanRestart(
  image: ClusterImage,
  nodeId: number,
  affected: readonly Affected[],
): Decision<number> {
  const puts: Put[] = []
  const expect: Record<string, Expectation> = {}
  for (const { topicId, index, leaderEpoch } of affected) {
    const topic = image.topicsById.get(topicId)
    const partition = topic?.partitions[index]
    if (topic === undefined || partition === undefined) continue
    if (partition.leaderEpoch !== leaderEpoch || !partition.isr.includes(nodeId)) continue
    puts.push(putPartition(topicId, without(partition, nodeId)))
    Object.assign(expect, expectPartition(topic, partition))
  }
  return { puts, expect, result: puts.length }
}

function without(partition: PartitionImage, nodeId: number): PartitionImage {
  const { isr, leader, replicas } = partition
  const others = isr.filter((id) => id !== nodeId)
  const members = others.length > 0 ? others : isr
  if (leader !== nodeId) return { ...partition, isr: members }
  const successor = replicas.find((id) => others.includes(id)) ?? nodeId
  return { ...partition, isr: members, leader: successor, leaderEpoch: partition.leaderEpoch + 1 }
}
