import type { Ticket } from '../../coordinator/machine.ts'
import { type ErrorName, KafkaError } from '../../protocol/errors.ts'
import { answerOf, type Leaver } from '../classic/leave.ts'
import type { ConsumerGroup, ConsumerMember } from '../consumer/group.ts'
import { removeMembers } from '../consumer/remove.ts'
import type { LeaveGroupEvent } from '../events.ts'
import type { GroupEffect, GroupWorld } from '../world.ts'
import { knownMember } from './classic-session.ts'

/** A LeaveGroup: members go, of either protocol, each with an answer of its own. An administrator names
 *  a static member by its instance id alone. */
export function decideClassicLeave(
  group: ConsumerGroup,
  { request }: LeaveGroupEvent,
  ticket: Ticket,
  world: GroupWorld,
): readonly GroupEffect[] {
  const leaving = new Set<ConsumerMember>()
  const results = request.members.map((leaver): readonly [Leaver, ErrorName] => {
    try {
      leaving.add(leavingMember(group, leaver))
      return [leaver, 'NONE']
    } catch (error) {
      if (error instanceof KafkaError) return [leaver, error.error]
      throw error
    }
  })
  const answer = answerOf(results)
  return [...removeMembers(group, [...leaving], world), { type: 'reply', to: ticket, answer }]
}

function leavingMember(
  group: ConsumerGroup,
  { memberId, groupInstanceId }: Leaver,
): ConsumerMember {
  const holderId = groupInstanceId === null ? undefined : group.staticMembers.get(groupInstanceId)
  return knownMember(group, memberId === '' ? (holderId ?? '') : memberId, groupInstanceId)
}
