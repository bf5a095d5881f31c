import type { ClusterImage } from '../../metadata/image.ts'
import { asKafkaWalks } from '../assignors/walk.ts'
import { type ClassicGroup, type ClassicMember, emptyClassicGroup } from '../classic/group.ts'
import { withMembers } from '../classic/members.ts'
import {
  CONSUMER_PROTOCOL_TYPE,
  metadataOf,
  selectProtocol,
  subscribedTopicsOf,
} from '../classic/protocols.ts'
import { prepareRebalance } from '../classic/rebalance.ts'
import { groupRecord } from '../classic/record.ts'
import { keepAlive } from '../classic/timers.ts'
import { Turn } from '../classic/turn.ts'
import {
  type ClassicSide,
  type ConsumerGroup,
  type ConsumerMember,
  NO_ASSIGNMENT,
} from '../consumer/group.ts'
import { groupTombstones } from '../consumer/records.ts'
import { cancelTimers } from '../consumer/timers.ts'
import type { GroupEffect, GroupWorld } from '../world.ts'
import { writeAssignment } from './embedded.ts'
import { mayDowngrade } from './policy.ts'

/**
 * Members leave a consumer group. If only members of the classic protocol are left, it becomes a
 * classic group, and they rebalance among themselves.
 * @returns undefined when it stays a consumer group, and the members are still in it.
 */
export function maybeDowngrade(
  group: ConsumerGroup,
  leaving: readonly ConsumerMember[],
  world: GroupWorld,
): readonly GroupEffect[] | undefined {
  const leavingIds = new Set(leaving.map(({ memberId }) => memberId))
  const staying = [...group.members.values()].filter(({ memberId }) => !leavingIds.has(memberId))
  if (staying.length === 0 || !staying.every(({ classic }) => classic !== null)) return undefined
  if (!mayHold(staying.length, world)) return undefined
  return downgrade(group, { staying, generation: group.epoch, mustRebalance: true }, world)
}

/** Whether a group becomes a classic one by a classic client that takes over this static member. */
export function endsByReplacing(
  group: ConsumerGroup,
  replaced: ConsumerMember,
  world: GroupWorld,
): boolean {
  const isLastConsumer = replaced.classic === null && group.classicCount === group.members.size - 1
  return isLastConsumer && mayHold(group.members.size, world)
}

function mayHold(memberCount: number, { broker }: GroupWorld): boolean {
  return mayDowngrade(broker) && memberCount <= broker['group.max.size']
}

interface Downgrade {
  /** The members of the classic group to be, all of the classic protocol. */
  readonly staying: readonly ConsumerMember[]
  readonly generation: number
  /** What the group was to be assigned is out of date, or somebody left. */
  readonly mustRebalance: boolean
}

/** Ends a consumer group and begins a classic one in its place, with the target as assignment. */
export function downgrade(
  group: ConsumerGroup,
  how: Downgrade,
  world: GroupWorld,
): readonly GroupEffect[] {
  const { groupId } = group
  const turn = new Turn(emptyClassicGroup(groupId, world.nowMs), world)
  turn.group = classicGroupOf(group, how, world)
  turn.write(groupRecord(turn.group))
  for (const member of turn.group.members.values()) keepAlive(turn, member)
  if (how.mustRebalance) prepareRebalance(turn)
  return [
    ...groupTombstones(group).map((record) => ({ type: 'append', record }) as const),
    ...[...group.members.keys()].flatMap((memberId) => cancelTimers(groupId, memberId)),
    ...turn.effects(),
  ]
}

/** Its leader is the first member in Kafka's order. */
function classicGroupOf(
  group: ConsumerGroup,
  { staying, generation }: Downgrade,
  { nowMs, image }: GroupWorld,
): ClassicGroup {
  const byId = new Map(staying.map((member) => [member.memberId, member]))
  const members = asKafkaWalks(byId.keys()).map((id) => classicMember(byId.get(id)!))
  const joined: ClassicGroup = withMembers(
    {
      ...emptyClassicGroup(group.groupId, nowMs),
      phase: 'stable',
      generation,
      protocolType: CONSUMER_PROTOCOL_TYPE,
    },
    members,
  )
  const named = { ...joined, protocolName: selectProtocol(joined) }
  return {
    ...withMembers(
      named,
      members.map((member) => assigned(group, named, member, image)),
    ),
    subscribedTopics: subscribedTopicsOf(named),
  }
}

function classicMember(member: ConsumerMember): ClassicMember {
  // Who stays speaks the classic protocol.
  const { sessionTimeoutMs, protocols } = member.classic as ClassicSide
  return {
    memberId: member.memberId,
    instanceId: member.instanceId,
    clientId: member.clientId,
    clientHost: member.clientHost,
    rebalanceTimeoutMs: member.rebalanceTimeoutMs,
    sessionTimeoutMs,
    protocols,
    assignment: new Uint8Array(),
    joining: undefined,
    syncing: undefined,
    isNew: false,
  }
}

function assigned(
  { target }: ConsumerGroup,
  { protocolName }: ClassicGroup,
  member: ClassicMember,
  image: ClusterImage,
): ClassicMember {
  const partitions = target.get(member.memberId) ?? NO_ASSIGNMENT
  const metadata = metadataOf(member, protocolName)
  return { ...member, assignment: writeAssignment(partitions, metadata, image) }
}
