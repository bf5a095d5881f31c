/** What classic consumers put into JoinGroup and SyncGroup for each other, which the coordinator reads
 *  and writes in their place once their group is a consumer group. */

import type { ClusterImage } from '../../metadata/image.ts'
import {
  consumerProtocolAssignment,
  consumerProtocolSubscription,
} from '../../protocol/internal/consumer-protocol.ts'
import type { Read } from '../../protocol/schema.ts'
import { decodeExtensible, encodeVersioned, leadingNumber } from '../../protocol/stored.ts'
import type { Assignment } from '../consumer/group.ts'
import type { NamedPartitions } from '../consumer/partitions.ts'

export type Subscription = Read<typeof consumerProtocolSubscription.fields>

/** What a member subscribes to. @throws KafkaError for bytes that are no subscription. */
export function readSubscription(metadata: Uint8Array): Subscription {
  return decodeExtensible(consumerProtocolSubscription, metadata)
}

/** What a member says it holds, of the topics that there are. */
export function ownedPartitions(
  { ownedPartitions }: Subscription,
  image: ClusterImage,
): NamedPartitions {
  return ownedPartitions.flatMap(({ topic, partitions }) => {
    const known = image.topics.get(topic)
    const there = partitions.filter((partition) => known?.partitions[partition] !== undefined)
    return known === undefined ? [] : [{ topicId: known.id, partitions: there }]
  })
}

/** What a leader gave to a member. */
export interface GivenAssignment {
  readonly assignment: Assignment
  /** A custom assignor's own words to the member, which nobody else can say. */
  readonly hasUserData: boolean
}

/** Of what is there. @param bytes none for no assignment. @throws KafkaError for bytes that are none. */
export function readAssignment(bytes: Uint8Array, image: ClusterImage): GivenAssignment {
  if (bytes.length === 0) return { assignment: new Map(), hasUserData: false }
  const { assignedPartitions, userData } = decodeExtensible(consumerProtocolAssignment, bytes)
  const assignment = new Map<string, readonly number[]>()
  for (const { topic, partitions } of assignedPartitions) {
    const known = image.topics.get(topic)
    const there = partitions.filter((partition) => known?.partitions[partition] !== undefined)
    if (known !== undefined && there.length > 0) assignment.set(known.id, [...new Set(there)])
  }
  return { assignment, hasUserData: (userData?.length ?? 0) > 0 }
}

/**
 * The assignment as a leader would have written it for this member.
 * @param partitions by topic id; topics that are gone are left out.
 * @param metadata of the member, whose version the assignment takes.
 */
export function writeAssignment(
  partitions: Iterable<readonly [topicId: string, partitions: Iterable<number>]>,
  metadata: Uint8Array,
  image: ClusterImage,
): Uint8Array {
  const assignedPartitions = [...partitions].flatMap(([topicId, indexes]) => {
    const topic = image.topicsById.get(topicId)?.name
    return topic === undefined ? [] : [{ topic, partitions: [...indexes] }]
  })
  const value = { assignedPartitions, userData: null }
  return encodeVersioned(consumerProtocolAssignment, versionOf(metadata), value)
}

/** Of what is no metadata the first: only of the protocol that a member names first it is known to be
 *  some, and a group must be able to go back all the same. */
function versionOf(metadata: Uint8Array): number {
  const { from, to } = consumerProtocolAssignment.versions
  if (metadata.length < 2) return from
  return Math.min(Math.max(leadingNumber(metadata), from), to)
}
