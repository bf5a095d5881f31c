import type { Ticket } from '../../coordinator/machine.ts'
import { type ErrorName, errors } from '../../protocol/errors.ts'
import type { HeartbeatEvent } from '../events.ts'
import type { GroupEffect, GroupWorld } from '../world.ts'
import type { ClassicGroup } from './group.ts'
import { membershipError } from './members.ts'
import { keepAlive } from './timers.ts'
import { Turn } from './turn.ts'

/** A Heartbeat: the member lives, and learns whether it has to join again. */
export function decideHeartbeat(
  group: ClassicGroup | undefined,
  { request }: HeartbeatEvent,
  ticket: Ticket,
  world: GroupWorld,
): readonly GroupEffect[] {
  const answer = (error: ErrorName) => ({ errorCode: errors[error].code })
  const error = heartbeatError(group, request)
  if (group === undefined || error !== undefined) {
    return [{ type: 'reply', to: ticket, answer: answer(error ?? 'UNKNOWN_MEMBER_ID') }]
  }
  const turn = new Turn(group, world)
  keepAlive(turn, group.members.get(request.memberId)!)
  const isRebalancing = group.phase === 'preparing-rebalance'
  turn.reply('heartbeat', ticket, answer(isRebalancing ? 'REBALANCE_IN_PROGRESS' : 'NONE'))
  return turn.effects()
}

function heartbeatError(
  group: ClassicGroup | undefined,
  request: HeartbeatEvent['request'],
): ErrorName | undefined {
  if (group === undefined) return 'UNKNOWN_MEMBER_ID'
  if (group.phase === 'dead') return 'COORDINATOR_NOT_AVAILABLE'
  const error = membershipError(group, request.memberId, request.groupInstanceId)
  if (error !== undefined) return error
  return request.generationId === group.generation ? undefined : 'ILLEGAL_GENERATION'
}
