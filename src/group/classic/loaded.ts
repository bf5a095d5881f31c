import type { GroupEffect, GroupWorld } from '../world.ts'
import type { ClassicGroup } from './group.ts'
import { prepareRebalance } from './rebalance.ts'
import { keepAlive } from './timers.ts'
import { Turn } from './turn.ts'

/** A group was read from its log: its members have a full session to make themselves heard. One that
 *  outgrew `group.max.size` meanwhile rebalances, which takes in no more than fit. */
export function classicLoaded(group: ClassicGroup, world: GroupWorld): readonly GroupEffect[] {
  const turn = new Turn(group, world)
  for (const member of group.members.values()) keepAlive(turn, member)
  if (group.members.size > world.broker['group.max.size']) prepareRebalance(turn)
  return turn.effects()
}
