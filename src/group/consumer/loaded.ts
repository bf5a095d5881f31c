import type { GroupEffect, GroupWorld } from '../world.ts'
import type { ConsumerGroup } from './group.ts'
import { keepSession, limitRevocation } from './timers.ts'

/** The timers of a group that was read from the log. Each member has the whole of its time again:
 *  nobody knows how much of it had passed. */
export function consumerLoaded(group: ConsumerGroup, world: GroupWorld): readonly GroupEffect[] {
  return [...group.members.values()].flatMap((member) => {
    const session = keepSession(group.groupId, member.memberId, world)
    const mustRevoke = member.state === 'unrevoked-partitions'
    return mustRevoke ? [session, limitRevocation(group.groupId, member, world)] : [session]
  })
}
