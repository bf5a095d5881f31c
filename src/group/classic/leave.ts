import type { Ticket } from '../../coordinator/machine.ts'
import { type ErrorName, errors } from '../../protocol/errors.ts'
import type { LeaveGroupEvent } from '../events.ts'
import type { GroupEffect, GroupWorld } from '../world.ts'
import type { ClassicGroup } from './group.ts'
import { membershipError } from './members.ts'
import { rebalanceOrCompleteJoin } from './rebalance.ts'
import { removeMember } from './remove.ts'
import { Turn } from './turn.ts'

/** Who leaves: a dynamic member by its id, a static one by its instance id, with or without its member
 *  id (administrators do not know that). */
export interface Leaver {
  readonly memberId: string
  readonly groupInstanceId: string | null
}

/** A LeaveGroup: members go, each with an answer of its own. One rebalance follows for all of them.
 *  Versions that name a single member come here, and go, as a batch of one. */
export function decideLeave(
  group: ClassicGroup | undefined,
  { request: { members } }: LeaveGroupEvent,
  ticket: Ticket,
  world: GroupWorld,
): readonly GroupEffect[] {
  if (group?.phase === 'dead') {
    const answer = { errorCode: errors.COORDINATOR_NOT_AVAILABLE.code }
    return [{ type: 'reply', to: ticket, answer }]
  }
  if (group === undefined) {
    const answer = answerOf(members.map((leaver) => [leaver, 'UNKNOWN_MEMBER_ID']))
    return [{ type: 'reply', to: ticket, answer }]
  }
  const turn = new Turn(group, world)
  const results = members.map((leaver) => [leaver, leave(turn, leaver)] as const)
  const hasAnyLeft = results.some(([, error]) => error === 'NONE')
  if (hasAnyLeft && turn.group.phase !== 'empty') rebalanceOrCompleteJoin(turn)
  turn.reply('leave-group', ticket, answerOf(results))
  return turn.effects()
}

function leave(turn: Turn, { memberId, groupInstanceId }: Leaver): ErrorName {
  const { group } = turn
  if (memberId === '') {
    const holder = groupInstanceId === null ? undefined : group.staticMembers.get(groupInstanceId)
    if (holder === undefined) return 'UNKNOWN_MEMBER_ID'
    removeMember(turn, holder)
    return 'NONE'
  }
  const error = group.pendingJoin.has(memberId)
    ? undefined
    : membershipError(group, memberId, groupInstanceId)
  if (error !== undefined) return error
  removeMember(turn, memberId)
  return 'NONE'
}

/** Each one's own answer. */
export function answerOf(results: readonly (readonly [Leaver, ErrorName])[]) {
  return {
    errorCode: errors.NONE.code,
    members: results.map(([{ memberId, groupInstanceId }, error]) => ({
      memberId,
      groupInstanceId,
      errorCode: errors[error].code,
    })),
  }
}
