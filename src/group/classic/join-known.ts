import type { Ticket } from '../../coordinator/machine.ts'
import type { ErrorName } from '../../protocol/errors.ts'
import { KafkaError } from '../../protocol/errors.ts'
import type { JoinGroupEvent } from '../events.ts'
import { joined, notJoined } from './answers.ts'
import { addMember, updateMember } from './join-member.ts'
import { membershipError } from './members.ts'
import { offersTheSame } from './protocols.ts'
import { rebalanceOrCompleteJoin } from './rebalance.ts'
import type { Turn } from './turn.ts'

/**
 * A client joins with a member id: for the second time after it was given one, or again.
 * @throws KafkaError UNKNOWN_SERVER_ERROR for an id that was given to a dynamic member and comes back
 *   with an instance id, as Kafka has it.
 */
export function joinAsKnown(turn: Turn, event: JoinGroupEvent, ticket: Ticket): void {
  const { memberId, groupInstanceId } = event.request
  if (turn.group.pendingJoin.has(memberId)) {
    if (groupInstanceId !== null) throw strangeInstance(memberId, groupInstanceId)
    addMember(turn, event, ticket, memberId)
    return
  }
  const error: ErrorName | undefined = membershipError(turn.group, memberId, groupInstanceId)
  if (error !== undefined) turn.reply('join-group', ticket, notJoined(error, memberId))
  else if (hasNewsFor(turn, event)) {
    updateMember(turn, event, ticket, memberId)
    rebalanceOrCompleteJoin(turn)
  } else turn.reply('join-group', ticket, joined(turn.group, memberId))
}

/**
 * Whether a member that joins again changes anything. In a generation that has begun, a member with
 * the same offer most likely lost an answer and is told the generation once more; but the leader of a
 * stable group asks for a rebalance so, because the topics have changed.
 */
function hasNewsFor({ group }: Turn, { request }: JoinGroupEvent): boolean {
  if (group.phase === 'preparing-rebalance') return true
  if (group.phase === 'stable' && group.leaderId === request.memberId) return true
  const member = group.members.get(request.memberId)
  return member === undefined || !offersTheSame(member.protocols, request.protocols)
}

function strangeInstance(memberId: string, instanceId: string): KafkaError {
  return new KafkaError(
    'UNKNOWN_SERVER_ERROR',
    `${memberId} was given to a dynamic member but comes back as instance ${instanceId}`,
  )
}
