import type { Ticket } from '../../coordinator/machine.ts'
import { errors } from '../../protocol/errors.ts'
import { type ConsumerGroup, type ConsumerMember, partitionKey } from '../consumer/group.ts'
import type { HeartbeatEvent } from '../events.ts'
import type { GroupEffect, GroupWorld } from '../world.ts'
import { classicSender, keepClassicSession, limitJoin } from './classic-session.ts'

/**
 * A Heartbeat: the member lives, and learns whether it has to join again to come closer to its target.
 * @throws KafkaError see `classicSender`.
 */
export function decideClassicHeartbeat(
  group: ConsumerGroup,
  { request }: HeartbeatEvent,
  ticket: Ticket,
  world: GroupWorld,
): readonly GroupEffect[] {
  const { groupId } = group
  const member = classicSender(group, request)
  const mustJoin = hasStepToTake(group, member)
  const { code: errorCode } = errors[mustJoin ? 'REBALANCE_IN_PROGRESS' : 'NONE']
  return [
    keepClassicSession(groupId, member, world),
    ...(mustJoin ? [limitJoin(groupId, member, world)] : []),
    { type: 'reply', to: ticket, answer: { errorCode } },
  ]
}

function hasStepToTake(group: ConsumerGroup, member: ConsumerMember): boolean {
  if (member.memberEpoch < group.targetEpoch) return true
  if (member.state === 'unreleased-partitions') return !mustWait(group, member)
  return member.state === 'unrevoked-partitions'
}

/** Whether others still hold some of what the member is to have. */
function mustWait({ target, holders }: ConsumerGroup, { memberId, assigned }: ConsumerMember) {
  for (const [topicId, partitions] of target.get(memberId) ?? []) {
    const held = assigned.get(topicId)
    for (const partition of partitions) {
      if (!held?.has(partition) && holders.has(partitionKey(topicId, partition))) return true
    }
  }
  return false
}
