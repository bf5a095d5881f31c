/** The steps of a rebalance, shared by the events that can bring one about. */

import { EMPTY_BYTES } from '../../kernel/bytes.ts'
import { joined, notSynced } from './answers.ts'
import type { ClassicMember } from './group.ts'
import { haveAllJoined, isJoining, rebalanceTimeoutOf, withMembers } from './members.ts'
import { selectProtocol, subscribedTopicsOf } from './protocols.ts'
import { groupRecord } from './record.ts'
import { removeMember } from './remove.ts'
import { joinKey, keepAlive, syncKey } from './timers.ts'
import type { Turn } from './turn.ts'

/** The least time between two looks for static members that are all absent, ms, whatever little time
 *  they allow themselves. */
const ABSENT_RECHECK_MS = 1000

/** Somebody came, went or changed: begins a rebalance, or ends one that waited for nobody else. */
export function rebalanceOrCompleteJoin(turn: Turn): void {
  if (turn.group.phase === 'preparing-rebalance') maybeCompleteJoin(turn)
  else if (turn.group.phase !== 'dead') prepareRebalance(turn)
}

/** Ends the phase of joining if nobody is waited for. A first rebalance waits for its time all the
 *  same: members of a group that starts come one after the other. */
export function maybeCompleteJoin(turn: Turn): void {
  const { group } = turn
  if (group.phase !== 'preparing-rebalance' || group.isFirstRebalance) return
  if (haveAllJoined(group)) completeJoin(turn)
}

/** Begins the phase of joining, in any living phase but that one. */
export function prepareRebalance(turn: Turn): void {
  if (turn.group.phase === 'completing-rebalance') abandonSync(turn)
  const isFirstRebalance = turn.group.phase === 'empty'
  turn.cancel(syncKey(turn.group.groupId))
  turn.change({ pendingSync: new Set(), isFirstRebalance, hasNewMember: false })
  turn.enter('preparing-rebalance')
  if (isFirstRebalance) waitForFirstMembers(turn)
  else if (haveAllJoined(turn.group) || turn.group.members.size === 0) completeJoin(turn)
  else waitForMembers(turn)
}

/** The assignment that was awaited will not come: those who wait for it have to join again. */
function abandonSync(turn: Turn): void {
  const members = [...turn.group.members.values()]
  turn.group = withMembers(
    turn.group,
    members.map((member) => ({ ...member, assignment: EMPTY_BYTES, syncing: undefined })),
  )
  for (const member of members) {
    if (member.syncing === undefined) continue
    turn.reply('sync-group', member.syncing, notSynced('REBALANCE_IN_PROGRESS'))
    keepAlive(turn, member)
  }
}

function waitForFirstMembers(turn: Turn): void {
  const { groupId, generation } = turn.group
  const delayMs = turn.world.broker['group.initial.rebalance.delay.ms']
  const initialDelayLeftMs = Math.max(rebalanceTimeoutOf(turn.group) - delayMs, 0)
  turn.change({ initialDelayLeftMs })
  turn.schedule(joinKey(groupId), delayMs, {
    type: 'classic-initial-delay-over',
    groupId,
    generation,
  })
}

function waitForMembers(turn: Turn, atLeastMs = 0): void {
  const { groupId, generation } = turn.group
  turn.schedule(joinKey(groupId), Math.max(rebalanceTimeoutOf(turn.group), atLeastMs), {
    type: 'classic-join-over',
    groupId,
    generation,
  })
}

/** Ends the phase of joining: who did not join again is out, save for static members, and the others
 *  are the next generation. If only absent static members are left, they are waited for once more. */
export function completeJoin(turn: Turn): void {
  turn.cancel(joinKey(turn.group.groupId))
  for (const member of turn.group.members.values()) {
    if (!isJoining(member) && member.instanceId === null) removeMember(turn, member.memberId)
  }
  if (turn.group.members.size === 0) becomeEmpty(turn)
  else if (electLeader(turn)) startGeneration(turn)
  else waitForMembers(turn, ABSENT_RECHECK_MS)
}

/** A leader that did not join gives way to a member that did. @returns false when nobody did. */
function electLeader(turn: Turn): boolean {
  const { members, leaderId } = turn.group
  const leader = leaderId === null ? undefined : members.get(leaderId)
  if (leader !== undefined && isJoining(leader)) return true
  const next = [...members.values()].find(isJoining)
  if (next !== undefined) turn.change({ leaderId: next.memberId })
  return next !== undefined
}

/** What holds outside the phase of joining. */
const notJoining = { isFirstRebalance: false, hasNewMember: false, initialDelayLeftMs: 0 } as const

function becomeEmpty(turn: Turn): void {
  const { group } = turn
  turn.change({ ...notJoining, generation: group.generation + 1, protocolName: null })
  turn.change({ subscribedTopics: subscribedTopicsOf(turn.group) })
  turn.enter('empty')
  turn.write(groupRecord(turn.group))
}

/** Tells everyone who joined of the generation, and waits for all members to ask for their part. */
function startGeneration(turn: Turn): void {
  const members = [...turn.group.members.values()]
  turn.change({
    ...notJoining,
    generation: turn.group.generation + 1,
    protocolName: selectProtocol(turn.group),
    pendingSync: new Set(turn.group.members.keys()),
  })
  turn.change({ subscribedTopics: subscribedTopicsOf(turn.group) })
  turn.enter('completing-rebalance')
  turn.group = withMembers(turn.group, members.map(told))
  for (const member of members) {
    if (member.joining !== undefined) {
      turn.reply('join-group', member.joining, joined(turn.group, member.memberId))
    }
    keepAlive(turn, member)
  }
  const { groupId, generation } = turn.group
  turn.schedule(syncKey(groupId), rebalanceTimeoutOf(turn.group), {
    type: 'classic-sync-over',
    groupId,
    generation,
  })
}

function told(member: ClassicMember): ClassicMember {
  return { ...member, joining: undefined, isNew: false }
}
