import type { TopicPartition } from '../topic-partition.ts'

/** A member of a classic group, as the leader that assigns knows it. */
export interface GroupMember {
  readonly memberId: string
  /** Of a static member (KIP-345): it keeps its place in the order when its member id changes. */
  readonly groupInstanceId: string | null
  readonly topics: readonly string[]
  /** Empty or null: none. */
  readonly rackId: string | null
}

/** Racks of the replicas of a topic's partitions, by number: partition 3 is at index 3. */
export type TopicRacks = readonly (readonly string[])[]

/** Partitions by member id, each list by topic and number. Every member is there. */
export type GroupAssignment = ReadonlyMap<string, readonly TopicPartition[]>

/** Gives the partitions of a group's topics to its members: a pure function of what they sent. */
export interface Assignor {
  /** As members agree on it in JoinGroup. */
  readonly name: string
  /** Whether members give up everything before a rebalance, or only what another member gets. */
  readonly protocol: 'eager' | 'cooperative'
  /** @param topics those that exist; members may want others, which are left out. */
  assign(topics: ReadonlyMap<string, TopicRacks>, members: readonly GroupMember[]): GroupAssignment
}

/** Static members first, by instance id, then the others by member id, as Java compares texts. */
export function inMemberOrder(members: Iterable<GroupMember>): readonly GroupMember[] {
  return [...members].sort((a, b) => {
    if (a.groupInstanceId !== null && b.groupInstanceId !== null) {
      return compareText(a.groupInstanceId, b.groupInstanceId)
    }
    if (a.groupInstanceId !== null) return -1
    return b.groupInstanceId !== null ? 1 : compareText(a.memberId, b.memberId)
  })
}

/** By topic, then by number. */
export function comparePartitions(a: TopicPartition, b: TopicPartition): number {
  return compareText(a.topic, b.topic) || a.partition - b.partition
}

/** By UTF-16 units, as Java does. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
