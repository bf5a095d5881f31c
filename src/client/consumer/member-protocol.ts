/** What members of a classic consumer group tell each other through their coordinator, as bytes. */

import {
  consumerProtocolAssignment,
  consumerProtocolSubscription,
} from '../../protocol/internal/consumer-protocol.ts'
import { decodeExtensible, encodeVersioned } from '../../protocol/stored.ts'
import {
  type Assignor,
  comparePartitions,
  compareText,
  type GroupMember,
  type TopicRacks,
} from './assignors/assignor.ts'
import { byTopic, type TopicPartition } from './topic-partition.ts'

/** The newest version, which older members read as far as they know it. */
const SUBSCRIPTION_VERSION = consumerProtocolSubscription.versions.to
/** Newer versions add nothing, and the oldest is read by every member. */
const ASSIGNMENT_VERSION = 0

/** What a member wants, and what it has from the generation before. */
export interface Subscription {
  readonly topics: readonly string[]
  readonly owned: readonly TopicPartition[]
  /** Of `owned`; -1: none. */
  readonly generation: number
  /** Empty or null: none. */
  readonly rackId: string | null
}

/** A member as JoinGroup tells the leader of it. */
export interface JoinedMember {
  readonly memberId: string
  readonly groupInstanceId: string | null
  /** A subscription as bytes. */
  readonly metadata: Uint8Array
}

/** A member's assignment as SyncGroup carries it. */
export interface MemberAssignment {
  readonly memberId: string
  readonly assignment: Uint8Array
}

/** Equal subscriptions have equal bytes, in whatever order they are stated: a member that joins again
 *  with other bytes begins a rebalance. */
export function encodeSubscription(subscription: Subscription): Uint8Array {
  const { topics, owned, generation, rackId } = subscription
  return encodeVersioned(consumerProtocolSubscription, SUBSCRIPTION_VERSION, {
    topics: [...topics].sort(compareText),
    ownedPartitions: grouped([...owned].sort(comparePartitions)),
    generationId: generation,
    rackId: rackId || null,
  })
}

/** @throws KafkaError when the bytes are no subscription: members of other kinds share the group. */
export function decodeSubscription(bytes: Uint8Array): Subscription {
  const read = decodeExtensible(consumerProtocolSubscription, bytes)
  const { topics, ownedPartitions, generationId: generation, rackId } = read
  return { topics, owned: flat(ownedPartitions), generation, rackId }
}

/**
 * The partitions that the leader gave to this member.
 * @param bytes empty: none, as the coordinator says when the leader left a member out.
 * @throws KafkaError when they are no assignment.
 */
export function decodeAssignment(bytes: Uint8Array): readonly TopicPartition[] {
  if (bytes.length === 0) return []
  return flat(decodeExtensible(consumerProtocolAssignment, bytes).assignedPartitions)
}

/** The topics that any member wants: what the leader needs metadata of before it assigns. */
export function topicsOfGroup(members: readonly JoinedMember[]): ReadonlySet<string> {
  return new Set(members.flatMap(({ metadata }) => decodeSubscription(metadata).topics))
}

/** What the leader sends with SyncGroup: a part for every member. */
export function assignGroup(
  assignor: Assignor,
  joined: readonly JoinedMember[],
  topics: ReadonlyMap<string, TopicRacks>,
): readonly MemberAssignment[] {
  const members = joined.map(({ memberId, groupInstanceId, metadata }): GroupMember => {
    const { topics, rackId } = decodeSubscription(metadata)
    return { memberId, groupInstanceId, topics, rackId }
  })
  return [...assignor.assign(topics, members)].map(([memberId, partitions]) => {
    const assignedPartitions = grouped(partitions)
    const value = { assignedPartitions }
    const assignment = encodeVersioned(consumerProtocolAssignment, ASSIGNMENT_VERSION, value)
    return { memberId, assignment }
  })
}

function grouped(partitions: readonly TopicPartition[]) {
  return [...byTopic(partitions)].map(([topic, of]) => {
    return { topic, partitions: of.map(({ partition }) => partition) }
  })
}

function flat(
  topics: readonly { readonly topic: string; readonly partitions: readonly number[] }[],
): readonly TopicPartition[] {
  return topics.flatMap(({ topic, partitions }) =>
    partitions.map((partition) => ({ topic, partition })),
  )
}
