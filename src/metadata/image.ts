import { ImmutableMap } from './immutable-map.ts'
import type { ConfigKind } from './keys.ts'
import type { BrokerEndpoint, ConfigValue } from './values.ts'

/**
 * The cluster at one revision, as every part of the broker sees it. Immutable: whoever holds one may
 * go on reading it while newer ones are made, and tells what changed by comparing references.
 */
export interface ClusterImage {
  /** The latest commit it holds. */
  readonly revision: number
  /** Empty until the cluster is formed. */
  readonly clusterId: string
  /** The brokers that are alive, by id. */
  readonly brokers: ReadonlyMap<number, BrokerImage>
  /** By name. */
  readonly topics: ImmutableMap<TopicImage>
  readonly topicsById: ImmutableMap<TopicImage>
  /** By `topicKey`, which equal and colliding names share. */
  readonly topicsByKey: ImmutableMap<TopicImage>
  /** Partitions of all topics together. */
  readonly partitionCount: number
  /** Settings made while running, by topic. */
  readonly topicConfigs: ConfigTable
  /** … by broker id; for all brokers under the empty name. */
  readonly brokerConfigs: ConfigTable
  readonly groupConfigs: ConfigTable
  readonly clientMetricsConfigs: ConfigTable
  /** Revision of each resource's settings by `configKey`: what a change of them expects. */
  readonly configRevisions: ImmutableMap<number>
  readonly producerIds: ProducerIdsImage
  /** Names by id of topics that were deleted and may still have directories. */
  readonly deletedTopics: ImmutableMap<string>
}

/** Settings by the name of what they belong to; absent for none. The same object until they change,
 *  so that caches may go by identity. */
export type ConfigTable = ImmutableMap<ConfigValue>

export interface BrokerImage {
  readonly id: number
  /** Grows with each registration: the create revision of its key. */
  readonly epoch: number
  readonly rack: string | null
  readonly endpoints: readonly BrokerEndpoint[]
}

export interface TopicImage {
  readonly name: string
  readonly id: string
  /** One of the broker's own topics. */
  readonly internal: boolean
  /** By index, without gaps. At least one. */
  readonly partitions: readonly PartitionImage[]
  /** When the topic was made: what a write that must not outlive the topic expects of its key. */
  readonly createRevision: number
  /** When partitions were last added. */
  readonly modRevision: number
}

export interface PartitionImage {
  readonly index: number
  /** -1 for none. */
  readonly leader: number
  /** Grows with each change of the leader. */
  readonly leaderEpoch: number
  /** Grows with each change of anything here. */
  readonly partitionEpoch: number
  /** Assigned brokers, the preferred leader first. */
  readonly replicas: readonly number[]
  readonly isr: readonly number[]
  /** Out of sync, yet safe to lead (KIP-966). */
  readonly elr: readonly number[]
  readonly lastKnownElr: readonly number[]
  /** Replicas a reassignment brings, and those it takes away. */
  readonly addingReplicas: readonly number[]
  readonly removingReplicas: readonly number[]
  /** Revision of its own key: what a change of this partition expects. 0: the key is absent. */
  readonly revision: number
}

export interface ProducerIdsImage {
  /** The first producer id that belongs to no block yet. */
  readonly next: number
  readonly modRevision: number
}

/** What differs between two images. */
export interface ImageDelta {
  /** Names of topics that came, went, or have a partition that changed. */
  readonly topics: ReadonlySet<string>
  /** Ids of brokers that came, went, or registered anew. */
  readonly brokers: ReadonlySet<number>
  /** Whether settings of anything changed. */
  readonly hasNewConfigs: boolean
}

/** A cluster that nobody has formed. */
export const EMPTY_IMAGE: ClusterImage = {
  revision: 0,
  clusterId: '',
  brokers: new Map(),
  topics: ImmutableMap.empty(),
  topicsById: ImmutableMap.empty(),
  topicsByKey: ImmutableMap.empty(),
  partitionCount: 0,
  topicConfigs: ImmutableMap.empty(),
  brokerConfigs: ImmutableMap.empty(),
  groupConfigs: ImmutableMap.empty(),
  clientMetricsConfigs: ImmutableMap.empty(),
  configRevisions: ImmutableMap.empty(),
  producerIds: { next: 0, modRevision: 0 },
  deletedTopics: ImmutableMap.empty(),
}

/** Which table of an image holds the settings of what. */
export const configTable = {
  topic: 'topicConfigs',
  broker: 'brokerConfigs',
  group: 'groupConfigs',
  'client-metrics': 'clientMetricsConfigs',
} as const satisfies Record<ConfigKind, keyof ClusterImage>
