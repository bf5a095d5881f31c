import { notJoined, notSynced } from './answers.ts'
import { withoutMember } from './members.ts'
import { stopWatching } from './timers.ts'
import type { Turn } from './turn.ts'

/** Takes a member, or an id that was given out, out of the group. Whatever it waits for is answered:
 *  it is no member any more. What that means for the others is the caller's to decide. */
export function removeMember(turn: Turn, memberId: string): void {
  const member = turn.group.members.get(memberId)
  turn.group = withoutMember(turn.group, memberId)
  stopWatching(turn, memberId)
  if (member?.joining !== undefined) {
    turn.reply('join-group', member.joining, notJoined('UNKNOWN_MEMBER_ID', ''))
  }
  if (member?.syncing !== undefined) {
    turn.reply('sync-group', member.syncing, notSynced('UNKNOWN_MEMBER_ID'))
  }
}
