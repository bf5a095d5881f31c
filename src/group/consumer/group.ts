/** Groups of the consumer protocol (KIP-848): the coordinator assigns, members confirm by heartbeats.
 *  This file is their centre, the state of one. */

import { ImmutableMap } from '../../metadata/immutable-map.ts'

/** What a member is to have: partition indexes by topic id, in the order of their record, by which
 *  assignors go. */
export type Assignment = ReadonlyMap<string, readonly number[]>
export const NO_ASSIGNMENT: Assignment = new Map()

/** What a member has: by topic id, its partitions, each with the member epoch in which it was given
 *  to it. Commits of an earlier epoch are refused. */
export type HeldPartitions = ReadonlyMap<string, ReadonlyMap<number, number>>
export const NO_PARTITIONS: HeldPartitions = new Map()

/** Where a member stands on the way to its target. Unknown: as a newer version knows. */
export type MemberState = 'stable' | 'unrevoked-partitions' | 'unreleased-partitions' | 'unknown'

/** A member that speaks the classic protocol, in a group that was upgraded while it ran. */
export interface ClassicSide {
  readonly sessionTimeoutMs: number
  readonly protocols: readonly { readonly name: string; readonly metadata: Uint8Array }[]
}

export interface ConsumerMember {
  readonly memberId: string
  readonly instanceId: string | null
  readonly rackId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly rebalanceTimeoutMs: number
  /** In order, each once. */
  readonly subscribedTopicNames: readonly string[]
  /** null or empty: none. */
  readonly subscribedTopicRegex: string | null
  readonly serverAssignor: string | null
  /** null: speaks the consumer protocol. */
  readonly classic: ClassicSide | null
  /** Of a static member that will be back: `LEFT_FOR_NOW`. */
  readonly memberEpoch: number
  /** Still accepted, because the answer with the new one may have been lost. */
  readonly previousMemberEpoch: number
  readonly state: MemberState
  readonly assigned: HeldPartitions
  /** What it was told to give up and has not confirmed. */
  readonly pendingRevocation: HeldPartitions
}

/** Epochs that a heartbeat carries instead of a member's own. */
export const JOINS = 0
export const LEAVES = -1
export const LEFT_FOR_NOW = -2

/** A pattern that members subscribe to, and what it matched. */
export interface ResolvedRegex {
  readonly topics: ReadonlySet<string>
  /** Revision of the metadata it was resolved against. */
  readonly version: number
  readonly timestampMs: number
}

/** How a topic is subscribed to. */
export interface TopicSubscribers {
  /** Members that name it. */
  readonly byName: number
  /** Patterns that matched it. */
  readonly byRegex: number
}

export interface ConsumerGroup {
  readonly type: 'consumer'
  readonly groupId: string
  /** Rises when a new assignment is needed. */
  readonly epoch: number
  /** Of the subscribed topics: another value calls for a new assignment. */
  readonly metadataHash: bigint
  readonly members: ImmutableMap<ConsumerMember>
  /** Member ids by group instance id. */
  readonly staticMembers: ImmutableMap<string>
  /** The group's epoch that the target was computed for. */
  readonly targetEpoch: number
  /** When the target was computed, wall clock; 0: unknown. */
  readonly targetTimestampMs: number
  /** By member id. */
  readonly target: ImmutableMap<Assignment>
  readonly regexes: ImmutableMap<ResolvedRegex>
  /** The topics themselves are still recorded, as Kafka 4.0 did. */
  readonly hasPartitionMetadata: boolean

  /** From here on derived from the fields above: member that holds a partition, by `partitionKey`. */
  readonly holders: ImmutableMap<string>
  /** By topic name; none with two zeros. */
  readonly topicSubscribers: ImmutableMap<TopicSubscribers>
  /** Members by the pattern they subscribe to; none with 0. */
  readonly regexSubscribers: ImmutableMap<number>
  /** Members that speak the classic protocol. */
  readonly classicCount: number

  /** Look at the metadata of the subscribed topics again. No record tells of it. */
  readonly isMetadataStale: boolean
}

/** A group that nobody joined yet, in the epoch in which Kafka's begin. */
export function emptyConsumerGroup(groupId: string): ConsumerGroup {
  return {
    type: 'consumer',
    groupId,
    epoch: 1,
    metadataHash: 0n,
    members: NOTHING,
    staticMembers: NOTHING,
    targetEpoch: 1,
    targetTimestampMs: 0,
    target: NOTHING,
    regexes: NOTHING,
    hasPartitionMetadata: false,
    holders: NOTHING,
    topicSubscribers: NOTHING,
    regexSubscribers: NOTHING,
    classicCount: 0,
    isMetadataStale: true,
  }
}

const NOTHING = ImmutableMap.empty<never>()

/** A member of whom nothing is known yet. */
export function newMember(memberId: string): ConsumerMember {
  return {
    memberId,
    instanceId: null,
    rackId: null,
    clientId: '',
    clientHost: '',
    rebalanceTimeoutMs: -1,
    subscribedTopicNames: [],
    subscribedTopicRegex: '',
    serverAssignor: null,
    classic: null,
    memberEpoch: JOINS,
    previousMemberEpoch: -1,
    state: 'stable',
    assigned: NO_PARTITIONS,
    pendingRevocation: NO_PARTITIONS,
  }
}

/** Key of `holders`. */
export function partitionKey(topicId: string, partition: number): string {
  return `${topicId}:${partition}`
}

/** The pattern a member subscribes to, undefined for none. */
export function regexOf(member: ConsumerMember): string | undefined {
  return member.subscribedTopicRegex || undefined
}

/** Whether a member has what the target of that epoch gives it. */
export function isReconciled(member: ConsumerMember, targetEpoch: number): boolean {
  return member.state === 'stable' && member.memberEpoch === targetEpoch
}
