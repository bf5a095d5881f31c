import type { GroupEffect, GroupWorld } from '../world.ts'
import { Draft } from './draft.ts'
import { fenceMembers } from './fence.ts'
import type { ConsumerGroup, ConsumerMember } from './group.ts'

/** Removes members that left, or that were silent for too long. */
export function removeMembers(
  group: ConsumerGroup,
  members: readonly ConsumerMember[],
  world: GroupWorld,
): readonly GroupEffect[] {
  const draft = new Draft(group, world)
  fenceMembers(draft, members)
  return draft.effects
}
