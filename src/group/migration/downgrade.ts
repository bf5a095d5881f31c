import { EMPTY_BYTES } from '../../kernel/bytes.ts'
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
import type { Assignment, ClassicSide, ConsumerGroup, ConsumerMember } from '../consumer/group.ts'
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
  /** Who of them came just now: the leader only when it is alone. */
  readonly newcomer?: ConsumerMember
  readonly generation: number
  /** Somebody left, or somebody is not where the target wants it. */
  readonly mustRebalance: boolean
}

/** Ends a consumer group and begins a classic one in its place. Everybody is assigned what it holds.
 *  (Kafka: what it was to hold. The same where nobody must rebalance, and else not true yet: another
 *  upgrade would give to others what members still consume from.) */
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
  { groupId }: ConsumerGroup,
  { staying, newcomer, generation }: Downgrade,
  { nowMs, image }: GroupWorld,
): ClassicGroup {
  const byId = new Map(staying.map((member) => [member.memberId, member]))
  if (newcomer !== undefined) byId.delete(newcomer.memberId)
  const others = asKafkaWalks(byId.keys()).map((id) => byId.get(id)!)
  const inOrder = newcomer === undefined ? others : [...others, newcomer]
  const joined = withMembers(
    {
      ...emptyClassicGroup(groupId, nowMs),
      phase: 'stable',
      generation,
      protocolType: CONSUMER_PROTOCOL_TYPE,
    },
    inOrder.map((member) => classicMember(member, EMPTY_BYTES)),
  )
  const protocolName = selectProtocol(joined)
  const members = inOrder.map((member) => {
    const metadata = metadataOf(joined.members.get(member.memberId)!, protocolName)
    return classicMember(member, writeAssignment(heldBy(member), metadata, image))
  })
  const group = withMembers({ ...joined, protocolName }, members)
  return { ...group, subscribedTopics: subscribedTopicsOf(group) }
}

function classicMember(member: ConsumerMember, assignment: Uint8Array): ClassicMember {
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
    assignment,
    joining: undefined,
    syncing: undefined,
    isNew: false,
  }
}

/** What a member has, and what it must still give up. */
function heldBy({ assigned, pendingRevocation }: ConsumerMember): Assignment {
  const held = new Map<string, readonly number[]>()
  for (const [topicId, epochs] of [...assigned, ...pendingRevocation])
    held.set(topicId, [...(held.get(topicId) ?? []), ...epochs.keys()])
  return held
}
