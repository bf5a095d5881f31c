import type { GroupEffect, GroupWorld } from '../world.ts'
import type { ClassicGroup } from './group.ts'
import { completeJoin } from './rebalance.ts'
import { joinKey } from './timers.ts'
import { Turn } from './turn.ts'

/** The first members of a group have been waited for. If others came meanwhile, yet others may still
 *  be starting: waits again, up to the rebalance timeout in all (KIP-134). */
export function decideInitialDelayOver(
  group: ClassicGroup,
  generation: number,
  world: GroupWorld,
): readonly GroupEffect[] {
  if (!group.isFirstRebalance || group.generation !== generation) return []
  const turn = new Turn(group, world)
  const { groupId, hasNewMember, initialDelayLeftMs } = group
  if (hasNewMember && initialDelayLeftMs > 0) {
    const delayMs = Math.min(world.broker['group.initial.rebalance.delay.ms'], initialDelayLeftMs)
    turn.change({ hasNewMember: false, initialDelayLeftMs: initialDelayLeftMs - delayMs })
    turn.schedule(joinKey(groupId), delayMs, {
      type: 'classic-initial-delay-over',
      groupId,
      generation,
    })
  } else completeJoin(turn)
  return turn.effects()
}
