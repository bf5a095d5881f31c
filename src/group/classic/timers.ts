/** The timers of classic groups: one for each member and each id that was given out, one for the phase
 *  of joining, one for that of syncing. */

import type { ClassicMember } from './group.ts'
import type { Turn } from './turn.ts'

export function sessionKey(groupId: string, memberId: string): string {
  return `${groupId}/classic-session/${memberId}`
}

export function joinKey(groupId: string): string {
  return `${groupId}/classic-join`
}

export function syncKey(groupId: string): string {
  return `${groupId}/classic-sync`
}

/** The member is alive now, and counts as dead when it stays silent for `timeoutMs`. */
export function keepAlive(
  turn: Turn,
  member: ClassicMember,
  timeoutMs = member.sessionTimeoutMs,
): void {
  const { groupId } = turn.group
  const { memberId } = member
  turn.schedule(sessionKey(groupId, memberId), timeoutMs, {
    type: 'classic-session-expired',
    groupId,
    memberId,
  })
}

/** Ends the timer of a member, or of an id that was given out. */
export function stopWatching(turn: Turn, memberId: string): void {
  turn.cancel(sessionKey(turn.group.groupId, memberId))
}
