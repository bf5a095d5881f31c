/** The values of the shared truth, as JSON. A later version may add fields; unknown ones are kept
 *  out of the image, never an error. */

export interface ClusterValue {
  /** As in `meta.properties`. */
  readonly clusterId: string
}

/** Where clients of one listener reach a broker. */
export interface BrokerEndpoint {
  /** Of the listener. */
  readonly name: string
  readonly host: string
  readonly port: number
}

export interface BrokerValue {
  readonly rack: string | null
  readonly endpoints: readonly BrokerEndpoint[]
}

export interface TopicValue {
  readonly name: string
  readonly id: string
  /** The replicas of each partition as created, by index; the first of them leads at first. */
  readonly partitions: readonly (readonly number[])[]
}

/** A partition that is no longer as it was created. */
export interface PartitionValue {
  /** -1 for none. */
  readonly leader: number
  readonly leaderEpoch: number
  readonly partitionEpoch: number
  readonly isr: readonly number[]
  /** Eligible leader replicas (KIP-966); absent for none. */
  readonly elr?: readonly number[]
  readonly lastKnownElr?: readonly number[]
  /** Differs from the topic's once partitions were moved. */
  readonly replicas?: readonly number[]
  readonly addingReplicas?: readonly number[]
  readonly removingReplicas?: readonly number[]
}

export interface DeletedTopicValue {
  readonly name: string
}

/** Settings by key, as they were written. */
export type ConfigValue = Readonly<Record<string, string>>

export interface ProducerIdsValue {
  /** The first producer id that belongs to no block yet. */
  readonly next: number
}
