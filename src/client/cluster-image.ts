import type { metadata } from '../protocol/api/03-metadata.ts'
import { type ErrorName, errorName } from '../protocol/errors.ts'
import { ZERO_UUID } from '../protocol/primitives.ts'
import type { ResponseOf } from '../protocol/schema.ts'
import type { Address } from './address.ts'

/** A broker as its cluster advertises it. */
export interface BrokerInfo extends Address {
  readonly nodeId: number
  readonly rack: string | null
}

/** A partition as its cluster describes it. */
export interface PartitionInfo {
  readonly partition: number
  /** -1: none now. */
  readonly leaderId: number
  /** -1: the broker is too old to tell. */
  readonly leaderEpoch: number
  readonly replicas: readonly number[]
  readonly inSync: readonly number[]
  readonly offline: readonly number[]
}

export interface TopicInfo {
  readonly name: string
  /** `ZERO_UUID`: the broker is too old to tell. */
  readonly topicId: string
  readonly isInternal: boolean
  /** By number: partition 3 is at index 3. */
  readonly partitions: readonly PartitionInfo[]
}

/** What the client knows of its cluster; a value that is never changed. */
export interface ClusterImage {
  readonly clusterId: string | null
  readonly controllerId: number
  readonly brokers: ReadonlyMap<number, BrokerInfo>
  readonly topics: ReadonlyMap<string, TopicInfo>
  readonly namesById: ReadonlyMap<string, string>
  /** What was wrong with topics that were asked for and not described. */
  readonly problems: ReadonlyMap<string, ErrorName>
}

export const EMPTY_IMAGE: ClusterImage = {
  clusterId: null,
  controllerId: -1,
  brokers: new Map(),
  topics: new Map(),
  namesById: new Map(),
  problems: new Map(),
}

type Answer = ResponseOf<typeof metadata>
type TopicAnswer = Answer['topics'][number]

/**
 * The image after an answer: brokers are those of the answer; topics that it describes or says to be
 * gone are replaced, others stay when `keeps` wants them. A partition keeps what is known of a newer
 * leader epoch (KIP-320), unless the topic is another one by now.
 */
export function withAnswer(
  image: ClusterImage,
  answer: Answer,
  keeps: (topic: string) => boolean,
): ClusterImage {
  const topics = new Map([...image.topics].filter(([name]) => keeps(name)))
  const problems = new Map([...image.problems].filter(([name]) => keeps(name)))
  for (const topic of answer.topics) {
    if (topic.name === null) continue
    const error = errorName(topic.errorCode)
    if (error === 'NONE') {
      topics.set(topic.name, topicOf(topic.name, topic, image.topics.get(topic.name)))
      problems.delete(topic.name)
      continue
    }
    problems.set(topic.name, error)
    // A leader that is only being chosen does not make the rest of what is known wrong.
    if (error !== 'LEADER_NOT_AVAILABLE') topics.delete(topic.name)
  }
  return {
    clusterId: answer.clusterId,
    controllerId: answer.controllerId,
    brokers: new Map(answer.brokers.map((broker) => [broker.nodeId, broker])),
    topics,
    namesById: namesById(topics),
    problems,
  }
}

/** A partition's leader as another answer than Metadata named it (KIP-951). */
export interface NewLeader {
  readonly topic: string
  readonly partition: number
  readonly leaderId: number
  readonly leaderEpoch: number
}

/** The image with leaders that other answers named; older ones than those known are left out. */
export function withLeaders(
  image: ClusterImage,
  leaders: readonly NewLeader[],
  endpoints: readonly BrokerInfo[],
): ClusterImage {
  const brokers = new Map(image.brokers)
  for (const broker of endpoints) brokers.set(broker.nodeId, broker)
  const topics = new Map(image.topics)
  for (const { topic, partition, leaderId, leaderEpoch } of leaders) {
    const known = topics.get(topic)
    const before = known?.partitions[partition]
    if (known === undefined || before === undefined || leaderEpoch <= before.leaderEpoch) continue
    if (!brokers.has(leaderId)) continue
    const partitions = known.partitions.with(partition, { ...before, leaderId, leaderEpoch })
    topics.set(topic, { ...known, partitions })
  }
  return { ...image, brokers, topics }
}

function topicOf(name: string, answer: TopicAnswer, before: TopicInfo | undefined): TopicInfo {
  const { topicId, isInternal } = answer
  const isSame = before?.topicId === topicId
  const partitions: PartitionInfo[] = []
  for (const each of answer.partitions.toSorted((a, b) => a.partitionIndex - b.partitionIndex)) {
    const known = isSame ? before.partitions[each.partitionIndex] : undefined
    partitions.push(known && known.leaderEpoch > each.leaderEpoch ? known : partitionOf(each))
  }
  return { name, topicId, isInternal, partitions }
}

function partitionOf(answer: TopicAnswer['partitions'][number]): PartitionInfo {
  return {
    partition: answer.partitionIndex,
    leaderId: answer.leaderId,
    leaderEpoch: answer.leaderEpoch,
    replicas: answer.replicaNodes,
    inSync: answer.isrNodes,
    offline: answer.offlineReplicas,
  }
}

function namesById(topics: ReadonlyMap<string, TopicInfo>): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const { name, topicId } of topics.values()) {
    if (topicId !== ZERO_UUID) names.set(topicId, name)
  }
  return names
}
