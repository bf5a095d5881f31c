import { assert } from '../kernel/assert.ts'
import type { Expectation, Put } from '../metadata/coordination.ts'
import type { ClusterImage, TopicImage } from '../metadata/image.ts'
import { CLUSTER_METADATA } from '../metadata/internal-topics.ts'
import { partitionKey, topicKey } from '../metadata/keys.ts'
import type { Decision, MetadataStore } from '../metadata/metadata-store.ts'
import type { PartitionValue, TopicValue } from '../metadata/values.ts'
import { isUsableTopicId } from './topic-id.ts'

/** The latest place in one commit at which another topic is begun, in parts of the store's limit. */
const FILLED = 0.5
/** Partitions of one topic; a directory with a higher index was hardly made by a broker. */
const MAX_PARTITIONS = 20_000

/** A partition that lies in a log directory. */
export interface FoundPartition {
  readonly topic: string
  readonly partition: number
  /** From `partition.metadata`; undefined where that is missing, as in old directories. */
  readonly topicId: string | undefined
  /** The latest leader epoch of its log; -1 for none. */
  readonly leaderEpoch: number
}

/** What became of the topics that were found. Those the metadata knew are in neither list. */
export interface Adoption {
  /** Names of topics that were made of what was found. */
  readonly adopted: readonly string[]
  /** Ids of topics that were deleted before a crash, and whose directories are to be removed now. */
  readonly deleted: readonly string[]
  /** What was left lying, and why. */
  readonly refused: readonly { readonly topic: string; readonly reason: string }[]
}

/**
 * Makes topics of partition directories that the metadata do not know: those of an Apache Kafka whose
 * directory was taken over, or ours after the metadata file was lost. Names, ids and partitions come
 * back, settings do not; partitions missing below the highest index begin empty. Every partition goes
 * on in a leader epoch above the latest of its log.
 * @param newTopicId for directories without an id.
 */
export async function adoptTopics(
  metadata: MetadataStore,
  found: readonly FoundPartition[],
  nodeId: number,
  newTopicId: () => string,
): Promise<Adoption> {
  const parts: FoundPartition[][] = [[]]
  const most = Math.floor(metadata.coordination.limits.operations * FILLED)
  for (const topic of Map.groupBy(found, (partition) => partition.topic).values()) {
    if ((parts.at(-1)?.length ?? 0) >= most) parts.push([])
    parts.at(-1)?.push(...topic)
  }
  const outcomes: Adoption[] = []
  for (const part of parts) {
    const decide = (image: ClusterImage) => decideAdoption(image, part, nodeId, newTopicId)
    outcomes.push(await metadata.commit(decide))
  }
  return {
    adopted: outcomes.flatMap((outcome) => outcome.adopted),
    deleted: outcomes.flatMap((outcome) => outcome.deleted),
    refused: outcomes.flatMap((outcome) => outcome.refused),
  }
}

/** Decides about whole topics: `found` has all partitions of each. */
export function decideAdoption(
  image: ClusterImage,
  found: readonly FoundPartition[],
  nodeId: number,
  newTopicId: () => string,
): Decision<Adoption> {
  const puts: Put[] = []
  const expect: Record<string, Expectation> = {}
  const adopted: string[] = []
  const deleted: string[] = []
  const refused: { topic: string; reason: string }[] = []
  const ids = new Set<string>()
  for (const [topic, partitions] of Map.groupBy(found, ({ topic }) => topic)) {
    const id = partitions.map(({ topicId }) => topicId).find((topicId) => topicId !== undefined)
    if (id !== undefined && image.deletedTopics.has(id)) {
      deleted.push(id)
      continue
    }
    const known = image.topicsByKey.get(topicKey(topic))
    const isUsed = id !== undefined && (image.topicsById.has(id) || ids.has(id))
    const reason = refusal(partitions, id, known, isUsed, Object.hasOwn(expect, topicKey(topic)))
    if (reason !== undefined) refused.push({ topic, reason })
    if (reason !== undefined || known !== undefined) continue
    const topicId = id ?? newTopicId()
    ids.add(topicId)
    puts.push(...topicPuts(topic, topicId, partitions, nodeId))
    expect[topicKey(topic)] = { createRevision: 0 }
    adopted.push(topic)
  }
  return { puts, expect, result: { adopted, deleted, refused } }
}

/** Why a topic that was found is not served, or undefined. */
function refusal(
  partitions: readonly FoundPartition[],
  id: string | undefined,
  known: TopicImage | undefined,
  isUsed: boolean,
  collides: boolean,
): string | undefined {
  const [first] = partitions
  assert(first !== undefined, 'a topic was found without partitions')
  const name = first.topic
  if (name === CLUSTER_METADATA) return `${CLUSTER_METADATA} is the log of Kafka's own controllers`
  if (partitions.some(({ topicId }) => topicId !== undefined && topicId !== id)) {
    return 'its partitions have different topic ids'
  }
  const far = partitions.find(({ partition }) => partition >= MAX_PARTITIONS)
  if (far !== undefined)
    return `partition ${far.partition} is beyond the limit of ${MAX_PARTITIONS}`
  if (id !== undefined && !isUsableTopicId(id)) return `its topic id ${id} is reserved`
  if (known === undefined) {
    if (isUsed) return `its topic id ${id} belongs to another topic`
    return collides ? 'another topic that was found has a colliding name' : undefined
  }
  if (known.name !== name) return `its name collides with the topic ${known.name}`
  if (id !== undefined && id !== known.id)
    return `its topic id is ${id}, the topic's is ${known.id}`
  const extra = partitions.find(({ partition }) => partition >= known.partitions.length)
  if (extra === undefined) return undefined
  return `partition ${extra.partition} is beyond the topic's ${known.partitions.length}`
}

function topicPuts(
  name: string,
  id: string,
  found: readonly FoundPartition[],
  nodeId: number,
): readonly Put[] {
  const count = Math.max(...found.map(({ partition }) => partition)) + 1
  const partitions = Array.from({ length: count }, () => [nodeId])
  const topic: TopicValue = { name, id, partitions }
  const puts: Put[] = [{ key: topicKey(name), value: JSON.stringify(topic) }]
  for (const { partition, leaderEpoch } of found) {
    if (leaderEpoch < 0) continue
    const state: PartitionValue = {
      leader: nodeId,
      leaderEpoch: leaderEpoch + 1,
      partitionEpoch: 0,
      isr: [nodeId],
    }
    puts.push({ key: partitionKey(id, partition), value: JSON.stringify(state) })
  }
  return puts
}
