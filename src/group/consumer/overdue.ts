import type { ConsumerTimeEvent } from '../events.ts'
import type { GroupEffect, GroupWorld } from '../world.ts'
import type { ConsumerGroup, ConsumerMember } from './group.ts'
import { removeMembers } from './remove.ts'

/** A member's time is over: it is removed, unless what it was timed for came about meanwhile. */
export function decideOverdue(
  group: ConsumerGroup | undefined,
  event: ConsumerTimeEvent,
  world: GroupWorld,
): readonly GroupEffect[] {
  const member = group?.members.get(event.memberId)
  if (group === undefined || member === undefined) return []
  return isLate(member, event) ? [] : removeMembers(group, [member], world)
}

function isLate(member: ConsumerMember, event: ConsumerTimeEvent): boolean {
  switch (event.type) {
    case 'consumer-session-expired':
      return false
    case 'consumer-revocation-over':
      return member.memberEpoch !== event.memberEpoch
    case 'consumer-classic-join-over':
    case 'consumer-classic-sync-over':
      // The same id may have gone over to the other protocol meanwhile.
      return member.classic === null
  }
}
