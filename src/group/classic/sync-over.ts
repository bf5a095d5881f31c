import type { GroupEffect, GroupWorld } from '../world.ts'
import type { ClassicGroup } from './group.ts'
import { prepareRebalance } from './rebalance.ts'
import { removeMember } from './remove.ts'
import { Turn } from './turn.ts'

/** Members that did not ask for their assignment within the rebalance timeout are out, be it the leader
 *  that everyone waits for or a member whose work nobody would do (KAFKA-13032). */
export function decideSyncOver(
  group: ClassicGroup,
  generation: number,
  world: GroupWorld,
): readonly GroupEffect[] {
  const hasBegun = group.phase === 'completing-rebalance' || group.phase === 'stable'
  if (!hasBegun || group.generation !== generation || group.pendingSync.size === 0) return []
  const turn = new Turn(group, world)
  for (const memberId of group.pendingSync) removeMember(turn, memberId)
  prepareRebalance(turn)
  return turn.effects()
}
