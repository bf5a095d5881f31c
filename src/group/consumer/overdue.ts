import type { ConsumerTimeEvent } from '../events.ts'
import type { GroupEffect, GroupWorld } from '../world.ts'
import type { ConsumerGroup } from './group.ts'
import { removeMembers } from './remove.ts'

/** A member's time is over: it is removed, unless what it was timed for came about meanwhile. */
export function decideOverdue(
  group: ConsumerGroup | undefined,
  event: ConsumerTimeEvent,
  world: GroupWorld,
): readonly GroupEffect[] {
  const member = group?.members.get(event.memberId)
  if (group === undefined || member === undefined) return []
  const isLate =
    event.type === 'consumer-revocation-over' && member.memberEpoch !== event.memberEpoch
  return isLate ? [] : removeMembers(group, [member], world)
}
