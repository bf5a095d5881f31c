import type { GroupEffect, GroupWorld } from '../world.ts'
import type { ClassicGroup } from './group.ts'
import { haveAllJoined } from './members.ts'
import { completeJoin } from './rebalance.ts'
import { removeMember } from './remove.ts'
import { Turn } from './turn.ts'

/** A client was given a member id and did not come back with it (KIP-394): it is waited for no more. */
export function decidePendingExpired(
  group: ClassicGroup,
  memberId: string,
  world: GroupWorld,
): readonly GroupEffect[] {
  if (!group.pendingJoin.has(memberId)) return []
  const turn = new Turn(group, world)
  removeMember(turn, memberId)
  if (group.phase === 'preparing-rebalance' && haveAllJoined(turn.group)) completeJoin(turn)
  return turn.effects()
}
