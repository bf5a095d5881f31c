import type { GroupEffect, GroupWorld } from '../world.ts'
import type { ClassicGroup } from './group.ts'
import { completeJoin } from './rebalance.ts'
import { Turn } from './turn.ts'

/** Members had their rebalance timeout to join again: the next generation begins without the rest. */
export function decideJoinOver(
  group: ClassicGroup,
  generation: number,
  world: GroupWorld,
): readonly GroupEffect[] {
  if (group.phase !== 'preparing-rebalance' || group.generation !== generation) return []
  const turn = new Turn(group, world)
  completeJoin(turn)
  return turn.effects()
}
