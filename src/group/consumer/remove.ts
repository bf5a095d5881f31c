import { maybeDowngrade } from '../migration/downgrade.ts'
import type { GroupEffect, GroupWorld } from '../world.ts'
import { Draft } from './draft.ts'
import { fenceMembers } from './fence.ts'
import type { ConsumerGroup, ConsumerMember } from './group.ts'

/** Removes members that left, or that were silent for too long. A group in which only members of the
 *  classic protocol are left becomes a classic one, where that is allowed. */
export function removeMembers(
  group: ConsumerGroup,
  members: readonly ConsumerMember[],
  world: GroupWorld,
): readonly GroupEffect[] {
  if (members.length === 0) return []
  const downgraded = maybeDowngrade(group, members, world)
  if (downgraded !== undefined) return downgraded
  const draft = new Draft(group, world)
  fenceMembers(draft, members)
  return draft.effects
}
