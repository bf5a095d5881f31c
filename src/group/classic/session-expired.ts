import type { GroupEffect, GroupWorld } from '../world.ts'
import type { ClassicGroup, ClassicMember } from './group.ts'
import { haveAllJoined } from './members.ts'
import { completeJoin, prepareRebalance } from './rebalance.ts'
import { removeMember } from './remove.ts'
import { Turn } from './turn.ts'

/** A member was silent for its session timeout: it is out. One that waits for an answer cannot send
 *  heartbeats and counts as alive, unless it is new and has waited far too long. */
export function decideSessionExpired(
  group: ClassicGroup,
  memberId: string,
  world: GroupWorld,
): readonly GroupEffect[] {
  const member = group.members.get(memberId)
  if (group.phase === 'dead' || member === undefined || isExcused(member)) return []
  const turn = new Turn(group, world)
  removeMember(turn, memberId)
  if (group.phase !== 'preparing-rebalance') prepareRebalance(turn)
  else if (haveAllJoined(turn.group)) completeJoin(turn)
  return turn.effects()
}

function isExcused(member: ClassicMember): boolean {
  return !member.isNew && (member.joining !== undefined || member.syncing !== undefined)
}
