/** Groups of the consumer protocol (KIP-848): the coordinator assigns, members confirm by heartbeats.
 *  This file is their centre, the state of one. */

import type { Ticket } from '../../coordinator/machine.ts'
import { ImmutableMap } from '../../metadata/immutable-map.ts'

/** Partition indexes by topic id, and, where known, the member epoch each was given in. */
export type Assignment = ReadonlyMap<string, readonly number[]>
export const NO_ASSIGNMENT: Assignment = new Map()

/** Where a member stands on the way to its target. */
export type MemberState = 'stable' | 'unrevoked-partitions' | 'unreleased-partitions'

/** A member that speaks the classic protocol, in a group that was upgraded while it ran. */
export interface ClassicSide {
  readonly sessionTimeoutMs: number
  readonly protocols: readonly { readonly name: string; readonly metadata: Uint8Array }[]
  /** Its SyncGroup that waits for its partitions; no record tells of it. */
  readonly syncing: Ticket | undefined
}

export interface ConsumerMember {
  readonly memberId: string
  readonly instanceId: string | null
  readonly rackId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly rebalanceTimeoutMs: number
  readonly subscribedTopicNames: readonly string[]
  /** null or empty: none. */
  readonly subscribedTopicRegex: string | null
  readonly serverAssignor: string | null
  /** undefined: speaks the consumer protocol. */
  readonly classic: ClassicSide | undefined
  readonly memberEpoch: number
  /** Still accepted, because the answer with the new one may have been lost. */
  readonly previousMemberEpoch: number
  readonly state: MemberState
  readonly assigned: Assignment
  readonly pendingRevocation: Assignment
  /** Member epoch in which each partition of `assigned` and `pendingRevocation` was given, by
   *  `topicId:partition`: a commit of an earlier holder is refused. */
  readonly assignmentEpochs: ReadonlyMap<string, number>
}

/** A pattern that members subscribe to, and what it matched. */
export interface ResolvedRegex {
  readonly topics: ReadonlySet<string>
  /** Revision of the metadata it was resolved against. */
  readonly version: number
  readonly timestampMs: number
}

export interface ConsumerGroup {
  readonly type: 'consumer'
  readonly groupId: string
  readonly epoch: number
  /** Of the subscribed topics: another value calls for a new assignment. */
  readonly metadataHash: bigint
  readonly members: ImmutableMap<ConsumerMember>
  /** Member ids by group instance id. */
  readonly staticMembers: ImmutableMap<string>
  readonly targetEpoch: number
  /** When the target was computed, wall clock; 0: unknown. */
  readonly targetTimestampMs: number
  /** By member id. */
  readonly target: ImmutableMap<Assignment>
  /** Who holds a partition, by `topicId:partition`, and in which member epoch it was given. Derived
   *  from the members. */
  readonly holders: ImmutableMap<{ readonly memberId: string; readonly epoch: number }>
  readonly regexes: ImmutableMap<ResolvedRegex>
  /** Ask for the metadata of the subscribed topics again. No record tells of it. */
  readonly isMetadataStale: boolean
}

export function emptyConsumerGroup(groupId: string): ConsumerGroup {
  return {
    type: 'consumer',
    groupId,
    epoch: 0,
    metadataHash: 0n,
    members: ImmutableMap.empty(),
    staticMembers: ImmutableMap.empty(),
    targetEpoch: 0,
    targetTimestampMs: 0,
    target: ImmutableMap.empty(),
    holders: ImmutableMap.empty(),
    regexes: ImmutableMap.empty(),
    isMetadataStale: true,
  }
}
