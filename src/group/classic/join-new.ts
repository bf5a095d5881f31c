import type { Ticket } from '../../coordinator/machine.ts'
import { writeUuidBytes } from '../../protocol/primitives.ts'
import type { JoinGroupEvent } from '../events.ts'
import { notJoined } from './answers.ts'
import { addMember } from './join-member.ts'
import { replaceStaticMember } from './join-static.ts'
import { sessionKey } from './timers.ts'
import type { Turn } from './turn.ts'

/** From this version on a dynamic member has to come again with the id that it is given (KIP-394), so
 *  that clients which give up in between leave no member behind. */
export const REQUIRES_MEMBER_ID = 4

/** A client without a member id joins: it is given one. */
export function joinAsNew(turn: Turn, event: JoinGroupEvent, ticket: Ticket): void {
  const { request, caller } = event
  const { groupInstanceId } = request
  const memberId = `${groupInstanceId ?? caller.clientId}-${uuidWithDashes(event.freshId)}`
  const predecessor =
    groupInstanceId === null ? undefined : turn.group.staticMembers.get(groupInstanceId)
  if (predecessor !== undefined) {
    replaceStaticMember(turn, event, ticket, { oldId: predecessor, newId: memberId })
  } else if (groupInstanceId !== null || caller.apiVersion < REQUIRES_MEMBER_ID) {
    addMember(turn, event, ticket, memberId)
  } else requireSecondJoin(turn, event, ticket, memberId)
}

/** Gives out an id and forgets it after a session timeout. */
function requireSecondJoin(
  turn: Turn,
  { request }: JoinGroupEvent,
  ticket: Ticket,
  memberId: string,
): void {
  const { groupId, pendingJoin } = turn.group
  turn.change({ pendingJoin: pendingJoin.with(new Map([[memberId, true]])) })
  turn.schedule(sessionKey(groupId, memberId), request.sessionTimeoutMs, {
    type: 'classic-pending-expired',
    groupId,
    memberId,
  })
  turn.reply('join-group', ticket, notJoined('MEMBER_ID_REQUIRED', memberId))
}

/** The form of a uuid that Kafka ends member ids with, of Kafka's 22 characters. */
function uuidWithDashes(text: string): string {
  const bytes = Buffer.alloc(16)
  writeUuidBytes(bytes, 0, text)
  const hex = bytes.toString('hex')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
