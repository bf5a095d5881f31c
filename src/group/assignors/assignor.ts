/** Assignors: who reads what in groups whose coordinator decides. This file is their centre, the
 *  contract that each keeps. */

/** A member as an assignor sees it. */
export interface MemberSubscription {
  /** Kafka 4.3's assignors take no notice of it; it is here for those that do. */
  readonly rackId: string | null
  /** Static membership (KIP-345): `range` goes by it. */
  readonly instanceId: string | null
  /** Ids of topics that exist, each once. */
  readonly topicIds: ReadonlySet<string>
  /** What it was to have before, by topic id, in the order of its record. */
  readonly assigned: ReadonlyMap<string, readonly number[]>
}

export interface AssignorInput {
  /** By member id, in the order of `asKafkaWalks`, a member that is not in the group yet last. */
  readonly members: ReadonlyMap<string, MemberSubscription>
  /** Every member subscribes to the same topics. */
  readonly isHomogeneous: boolean
  /** Member that a partition belongs to in the target assignment so far, by topic id and partition. */
  readonly holderOf: (topicId: string, partition: number) => string | undefined
  /** undefined for a topic that does not exist. */
  readonly partitionCountOf: (topicId: string) => number | undefined
  /** Racks of the brokers that have a replica. */
  readonly racksOf: (topicId: string, partition: number) => ReadonlySet<string>
}

/** Partition indexes by topic id, by member id; members without partitions are there with none. */
export type AssignorResult = ReadonlyMap<string, ReadonlyMap<string, readonly number[]>>

/** Pure: the same input gives the same result. */
export interface Assignor {
  /** As in `group.consumer.assignors` and in what members ask for. */
  readonly name: string
  assign(input: AssignorInput): AssignorResult
}
