import type { Ticket } from '../../coordinator/machine.ts'
import type { GroupAnswers, JoinGroupEvent } from '../events.ts'
import { joined, notJoined, notSynced } from './answers.ts'
import type { ClassicMember } from './group.ts'
import { updateMember } from './join-member.ts'
import { withMembers, withoutMember } from './members.ts'
import { selectProtocol, subscribedTopicsOf } from './protocols.ts'
import { maybeCompleteJoin, prepareRebalance } from './rebalance.ts'
import { groupRecord } from './record.ts'
import { keepAlive, stopWatching } from './timers.ts'
import type { Turn } from './turn.ts'

/** From this version on a leader can be told to leave the assignment as it is (KIP-814). */
const CAN_SKIP_ASSIGNMENT = 9

/** The ids of a static member before and after its restart. */
interface Succession {
  readonly oldId: string
  readonly newId: string
}

/**
 * A static member starts again (KIP-345): a new member id takes over everything of the old one, which
 * is fenced from now on. A stable group goes on without a rebalance, unless the member's offer changes
 * the protocol.
 */
export function replaceStaticMember(
  turn: Turn,
  event: JoinGroupEvent,
  ticket: Ticket,
  ids: Succession,
): void {
  const oldLeaderId = turn.group.leaderId
  succeed(turn, ids)
  updateMember(turn, event, ticket, ids.newId)
  const { phase, protocolName } = turn.group
  if (phase === 'preparing-rebalance') maybeCompleteJoin(turn)
  else if (phase === 'stable' && selectProtocol(turn.group) === protocolName) {
    goOn(turn, ids.newId)
    turn.reply('join-group', ticket, welcomeBack(turn, event, ids.newId, oldLeaderId))
  } else prepareRebalance(turn)
}

/** Puts the new id in the place of the old one, and tells who waits under the old one. */
function succeed(turn: Turn, { oldId, newId }: Succession): void {
  const { group } = turn
  const old = group.members.get(oldId)!
  const successor: ClassicMember = {
    ...old,
    memberId: newId,
    joining: undefined,
    syncing: undefined,
    isNew: false,
  }
  const isLeader = group.leaderId === oldId
  const pendingSync = new Set(group.pendingSync)
  if (pendingSync.delete(oldId)) pendingSync.add(newId)
  turn.group = withMembers(withoutMember(group, oldId), [successor])
  turn.change({ pendingSync, leaderId: isLeader ? newId : group.leaderId })
  stopWatching(turn, oldId)
  keepAlive(turn, successor)
  if (old.joining !== undefined) {
    turn.reply('join-group', old.joining, notJoined('FENCED_INSTANCE_ID', oldId))
  }
  if (old.syncing !== undefined) {
    turn.reply('sync-group', old.syncing, notSynced('FENCED_INSTANCE_ID'))
  }
}

/** The generation stays: the member does not wait, and the record tells of its new id. */
function goOn(turn: Turn, memberId: string): void {
  const member = turn.group.members.get(memberId)!
  turn.group = withMembers(turn.group, [{ ...member, joining: undefined }])
  turn.change({ subscribedTopics: subscribedTopicsOf(turn.group) })
  turn.write(groupRecord(turn.group))
}

/** An older leader is told that the leader is who it was before: it would assign anew otherwise, and
 *  nobody would take notice. */
function welcomeBack(
  { group }: Turn,
  { caller }: JoinGroupEvent,
  memberId: string,
  oldLeaderId: string | null,
): GroupAnswers['join-group'] {
  const answer = joined(group, memberId)
  if (caller.apiVersion >= CAN_SKIP_ASSIGNMENT) {
    return { ...answer, skipAssignment: group.leaderId === memberId }
  }
  return { ...answer, leader: oldLeaderId ?? '', members: [] }
}
