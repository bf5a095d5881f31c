import type { Ticket } from '../../coordinator/machine.ts'
import type { ErrorName } from '../../protocol/errors.ts'
import type { JoinGroupEvent } from '../events.ts'
import type { GroupEffect, GroupWorld } from '../world.ts'
import { notJoined } from './answers.ts'
import { type ClassicGroup, emptyClassicGroup } from './group.ts'
import { joinAsKnown } from './join-known.ts'
import { joinAsNew } from './join-new.ts'
import { canSpeakWith } from './protocols.ts'
import { maybeCompleteJoin } from './rebalance.ts'
import { groupRecord } from './record.ts'
import { removeMember } from './remove.ts'
import { Turn } from './turn.ts'

/**
 * A JoinGroup: the wish to be a member of the next generation. Answered when that begins, or at once
 * when nothing has changed or the wish is refused. A client without a member id founds the group that
 * it does not find, even if it is refused then.
 */
export function decideJoin(
  group: ClassicGroup | undefined,
  event: JoinGroupEvent,
  ticket: Ticket,
  world: GroupWorld,
): readonly GroupEffect[] {
  const { groupId, memberId } = event.request
  const error = requestError(group, event, world)
  if (error !== undefined) {
    return [{ type: 'reply', to: ticket, answer: notJoined(error, memberId) }]
  }
  const turn = new Turn(group ?? emptyClassicGroup(groupId, world.nowMs), world)
  // The new group as it is before anybody is in it: its own record comes with its first generation.
  if (group === undefined) turn.write(groupRecord(turn.group))
  joinGroup(turn, event, ticket)
  return turn.effects()
}

/** What is wrong with the request whatever state the group is in. */
function requestError(
  group: ClassicGroup | undefined,
  event: JoinGroupEvent,
  world: GroupWorld,
): ErrorName | undefined {
  const error = sessionTimeoutError(event, world)
  if (error !== undefined) return error
  return group === undefined && event.request.memberId !== '' ? 'UNKNOWN_MEMBER_ID' : undefined
}

/** Whether the broker allows for the session timeout that a member asks for. */
export function sessionTimeoutError(
  { request: { sessionTimeoutMs } }: JoinGroupEvent,
  { broker }: GroupWorld,
): Extract<ErrorName, 'INVALID_SESSION_TIMEOUT'> | undefined {
  const isAllowed =
    sessionTimeoutMs >= broker['group.min.session.timeout.ms'] &&
    sessionTimeoutMs <= broker['group.max.session.timeout.ms']
  return isAllowed ? undefined : 'INVALID_SESSION_TIMEOUT'
}

function joinGroup(turn: Turn, event: JoinGroupEvent, ticket: Ticket): void {
  const { memberId, protocolType, protocols } = event.request
  const refuse = (error: ErrorName, repeatedId = memberId) =>
    turn.reply('join-group', ticket, notJoined(error, repeatedId))

  if (!hasRoomFor(turn, memberId)) {
    removeMember(turn, memberId)
    refuse('GROUP_MAX_SIZE_REACHED', '')
    // Kafka lets the others wait for it to the end of their time.
    maybeCompleteJoin(turn)
  } else if (turn.group.phase === 'dead') refuse('COORDINATOR_NOT_AVAILABLE')
  else if (!canSpeakWith(turn.group, protocolType, protocols)) refuse('INCONSISTENT_GROUP_PROTOCOL')
  else if (memberId === '') joinAsNew(turn, event, ticket)
  else joinAsKnown(turn, event, ticket)
}

/** Whether `group.max.size` allows for this member. While members join, those that have joined count:
 *  the first ones stay, whoever was there before. */
function hasRoomFor({ group, world }: Turn, memberId: string): boolean {
  const mostMembers = world.broker['group.max.size']
  const member = group.members.get(memberId)
  switch (group.phase) {
    case 'empty':
    case 'dead':
      return true
    case 'preparing-rebalance':
      return member?.joining !== undefined || group.joiningCount < mostMembers
    case 'completing-rebalance':
    case 'stable':
      return member !== undefined || group.members.size < mostMembers
  }
}
