import type { ImmutableMap } from './immutable-map.ts'
import { type ConfigResource, configKey } from './keys.ts'
import type { BrokerListener, ConfigValue } from './values.ts'

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
  /** Settings by `configKey`; read them with `configOf`. */
  readonly configs: ImmutableMap<ConfigImage>
  readonly producerIds: ProducerIdsImage
}

export interface BrokerImage {
  readonly id: number
  /** Grows with each registration: the create revision of its key. */
  readonly epoch: number
  readonly rack: string | null
  readonly listeners: readonly BrokerListener[]
  readonly incarnationId: string
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

/** The settings of one resource. */
export interface ConfigImage {
  readonly resource: ConfigResource
  /** The same object until they change, so that caches may go by identity. */
  readonly overrides: ConfigValue
  readonly modRevision: number
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
  /** Resources whose settings changed. */
  readonly configs: readonly ConfigResource[]
}

const NO_OVERRIDES: ConfigValue = Object.freeze({})

/** The settings made for a resource; one and the same empty object when there are none. */
export function configOf(image: ClusterImage, resource: ConfigResource): ConfigValue {
  return image.configs.get(configKey(resource))?.overrides ?? NO_OVERRIDES
}
