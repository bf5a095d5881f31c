import type { ConsumerTimeEvent } from '../events.ts'
import type { GroupEffect, GroupWorld } from '../world.ts'
import type { ConsumerMember } from './group.ts'

/** What a member of a consumer group is timed for. The last two are of members that speak the classic
 *  protocol. */
export type MemberTimer = 'session' | 'revocation' | 'classic-join' | 'classic-sync'

const allTimers = ['session', 'revocation', 'classic-join', 'classic-sync'] as const

/** Key of a member's timer. Ids hold no zero characters, so no two keys are equal. */
export function timerKey(groupId: string, memberId: string, timer: MemberTimer): string {
  return `${groupId}\0${memberId}\0consumer-${timer}`
}

/** Begins a timer anew. */
export function startTimer(
  timer: MemberTimer,
  delayMs: number,
  event: ConsumerTimeEvent,
  world: GroupWorld,
): GroupEffect {
  return {
    type: 'timer',
    key: timerKey(event.groupId, event.memberId, timer),
    dueMs: world.monotonicMs + delayMs,
    event,
  }
}

export function cancelTimer(groupId: string, memberId: string, timer: MemberTimer): GroupEffect {
  return { type: 'cancel-timer', key: timerKey(groupId, memberId, timer) }
}

/** For a member that is gone. */
export function cancelTimers(groupId: string, memberId: string): GroupEffect[] {
  return allTimers.map((timer) => cancelTimer(groupId, memberId, timer))
}

/** The member lives: it has a session timeout from now on. @param timeoutMs else the group's own. */
export function keepSession(
  groupId: string,
  memberId: string,
  world: GroupWorld,
  timeoutMs: number = world.groupConfig(groupId)['consumer.session.timeout.ms'],
): GroupEffect {
  const event = { type: 'consumer-session-expired', groupId, memberId } as const
  return startTimer('session', timeoutMs, event, world)
}

/** The member must give partitions up within its rebalance timeout, or is removed. */
export function limitRevocation(
  groupId: string,
  { memberId, memberEpoch, rebalanceTimeoutMs }: ConsumerMember,
  world: GroupWorld,
): GroupEffect {
  const event = { type: 'consumer-revocation-over', groupId, memberId, memberEpoch } as const
  return startTimer('revocation', rebalanceTimeoutMs, event, world)
}
