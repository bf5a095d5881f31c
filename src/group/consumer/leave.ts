import type { Ticket } from '../../coordinator/machine.ts'
import { KafkaError } from '../../protocol/errors.ts'
import type { ConsumerHeartbeatEvent } from '../events.ts'
import type { GroupEffect, GroupWorld } from '../world.ts'
import { Draft } from './draft.ts'
import {
  type ConsumerGroup,
  type ConsumerMember,
  type HeldPartitions,
  LEFT_FOR_NOW,
  NO_PARTITIONS,
} from './group.ts'
import { currentRecord } from './records.ts'
import { removeMembers } from './remove.ts'
import { memberOfInstance, requireInstance, unknownMember } from './sender.ts'

/**
 * A member leaves for good, or, if it is static, for a while: then it stays, with its partitions, until
 * it is back under any member id or its session ends.
 * @throws KafkaError GROUP_ID_NOT_FOUND, UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID.
 */
export function decideLeave(
  group: ConsumerGroup | undefined,
  { request }: ConsumerHeartbeatEvent,
  ticket: Ticket,
  world: GroupWorld,
): readonly GroupEffect[] {
  const { groupId, memberId, memberEpoch } = request
  if (group === undefined)
    throw new KafkaError('GROUP_ID_NOT_FOUND', `there is no group ${groupId}`)
  const member = leavingMember(group, memberId, request.instanceId)
  const answer = { errorCode: 0, memberId, memberEpoch, heartbeatIntervalMs: 0 }
  const reply = { type: 'reply', to: ticket, answer } as const
  if (request.instanceId === null || memberEpoch !== LEFT_FOR_NOW) {
    return [...removeMembers(group, [member], world), reply]
  }
  const draft = new Draft(group, world)
  draft.append(currentRecord(groupId, leftForNow(member)))
  draft.push(reply)
  return draft.effects
}

function leavingMember(
  group: ConsumerGroup,
  memberId: string,
  instanceId: string | null,
): ConsumerMember {
  if (instanceId !== null) {
    return requireInstance(memberOfInstance(group, instanceId), memberId, instanceId)
  }
  const member = group.members.get(memberId)
  if (member === undefined) throw unknownMember(group, memberId)
  return member
}

/** Whoever comes back commits in epochs of its own, so what it keeps is as if given in epoch 0. */
function leftForNow(member: ConsumerMember): ConsumerMember {
  return {
    ...member,
    memberEpoch: LEFT_FOR_NOW,
    assigned: inEpochZero(member.assigned),
    pendingRevocation: NO_PARTITIONS,
  }
}

function inEpochZero(held: HeldPartitions): HeldPartitions {
  return new Map(
    [...held].map(([topicId, epochs]) => {
      return [topicId, new Map([...epochs.keys()].map((partition) => [partition, 0]))]
    }),
  )
}
