import type { TopicPartition } from '../topic-partition.ts'
import {
  type Assignor,
  comparePartitions,
  type GroupMember,
  inMemberOrder,
  type TopicRacks,
} from './assignor.ts'

/** One topic while its partitions are given out. */
interface TopicShares {
  readonly topic: string
  /** Who wants it, in order. */
  readonly members: readonly GroupMember[]
  readonly racks: TopicRacks
  readonly unassigned: Set<number>
  readonly countByMember: Map<string, number>
  readonly least: number
  /** Members that get one more than the least. */
  extras: number
  readonly isRackAware: boolean
}

type Given = ReadonlyMap<string, TopicPartition[]>

/**
 * Cuts every topic into ranges of neighbours, one for each member that wants it, the first ones
 * longer by one where it does not come out even. Topics with equal members and counts are cut alike,
 * so that joins by partition stay on one member. Where members tell racks, partitions go first to
 * members near a replica, as long as nobody's share grows (KIP-881).
 */
export const rangeAssignor: Assignor = {
  name: 'range',
  protocol: 'eager',
  assign(topics, members) {
    const given = new Map<string, TopicPartition[]>()
    for (const { memberId } of members) given.set(memberId, [])
    const all = [...topics]
      .map(([topic, racks]) => sharesOf(topic, racks, members))
      .filter(({ members, racks }) => members.length > 0 && racks.length > 0)
    if (all.some(({ isRackAware }) => isRackAware)) giveByRack(all, given)
    for (const shares of all) giveRanges(shares, given, () => true)
    for (const partitions of given.values()) partitions.sort(comparePartitions)
    return given
  },
}

function sharesOf(topic: string, racks: TopicRacks, all: readonly GroupMember[]): TopicShares {
  const members = inMemberOrder(all.filter((member) => member.topics.includes(topic)))
  return {
    topic,
    members,
    racks,
    unassigned: new Set(racks.keys()),
    countByMember: new Map(),
    least: Math.floor(racks.length / members.length),
    extras: racks.length % members.length,
    isRackAware: isRackAware(members, racks),
  }
}

/** Whether racks make a difference: some member is near some replica, and not near all partitions. */
function isRackAware(members: readonly GroupMember[], racks: TopicRacks): boolean {
  const replicaRacks = new Set(racks.flat())
  const isNear = members.some(({ rackId }) => rackId && replicaRacks.has(rackId))
  return isNear && racks.some((of) => new Set(of).size !== replicaRacks.size)
}

function giveByRack(all: readonly TopicShares[], given: Given): void {
  const key = ({ members, racks }: TopicShares) =>
    JSON.stringify([racks.length, members.map(({ memberId }) => memberId)])
  for (const alike of Map.groupBy(all, key).values()) {
    const [first] = alike
    if (first === undefined || !first.members.some(({ rackId }) => rackId)) continue
    if (alike.length > 1) giveTogether(alike, first, given)
    else if (first.isRackAware) giveRanges(first, given, (m, p) => isNear(first, m, p))
  }
}

/** Gives partitions of the same number, of all these topics, to one member that is near them all. */
function giveTogether(alike: readonly TopicShares[], first: TopicShares, given: Given): void {
  for (const partition of first.racks.keys()) {
    const member = first.members.find((member) =>
      alike.every((one) => room(one, member) > 0 && isNear(one, member, partition)),
    )
    if (member !== undefined) for (const one of alike) give(one, member, [partition], given)
  }
}

/** Fills the share of each member, in order, with the first partitions it may have. */
function giveRanges(
  shares: TopicShares,
  given: Given,
  mayHave: (member: GroupMember, partition: number) => boolean,
): void {
  for (const member of shares.members) {
    const fitting = [...shares.unassigned].filter((partition) => mayHave(member, partition))
    give(shares, member, fitting.slice(0, room(shares, member)), given)
  }
}

function give(
  shares: TopicShares,
  { memberId }: GroupMember,
  partitions: readonly number[],
  given: Given,
): void {
  if (partitions.length === 0) return
  const { topic, countByMember, least, unassigned } = shares
  const count = (countByMember.get(memberId) ?? 0) + partitions.length
  countByMember.set(memberId, count)
  if (count > least) shares.extras -= 1
  for (const partition of partitions) {
    unassigned.delete(partition)
    given.get(memberId)!.push({ topic, partition })
  }
}

/** How many more a member may have. */
function room({ least, extras, countByMember }: TopicShares, { memberId }: GroupMember): number {
  return Math.max(0, least + (extras > 0 ? 1 : 0) - (countByMember.get(memberId) ?? 0))
}

/** Members that tell no rack are near everything. */
function isNear({ racks }: TopicShares, { rackId }: GroupMember, partition: number): boolean {
  return !rackId || racks[partition]!.includes(rackId)
}
