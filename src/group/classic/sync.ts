import type { Ticket } from '../../coordinator/machine.ts'
import { EMPTY_BYTES } from '../../kernel/bytes.ts'
import type { ErrorName } from '../../protocol/errors.ts'
import type { SyncGroupEvent } from '../events.ts'
import type { GroupEffect, GroupWorld } from '../world.ts'
import { notSynced, synced } from './answers.ts'
import type { ClassicGroup, ClassicMember } from './group.ts'
import { membershipError, withMembers, without } from './members.ts'
import { groupRecord } from './record.ts'
import { keepAlive, syncKey } from './timers.ts'
import { Turn } from './turn.ts'

/** A SyncGroup: a member asks for its part of the assignment, and the leader brings the parts of all.
 *  Those who ask before the leader wait for it. */
export function decideSync(
  group: ClassicGroup | undefined,
  event: SyncGroupEvent,
  ticket: Ticket,
  world: GroupWorld,
): readonly GroupEffect[] {
  const error = syncError(group, event)
  if (group === undefined || error !== undefined) {
    return [{ type: 'reply', to: ticket, answer: notSynced(error ?? 'UNKNOWN_MEMBER_ID') }]
  }
  const turn = new Turn(group, world)
  const member = group.members.get(event.request.memberId)!
  hasSynced(turn, member.memberId)
  if (group.phase === 'stable') turn.reply('sync-group', ticket, synced(group, member))
  else {
    waitForLeader(turn, member, ticket)
    if (group.leaderId === member.memberId) takeAssignment(turn, event)
  }
  return turn.effects()
}

function syncError(
  group: ClassicGroup | undefined,
  { request }: SyncGroupEvent,
): ErrorName | undefined {
  if (group === undefined || group.phase === 'empty') return 'UNKNOWN_MEMBER_ID'
  if (group.phase === 'dead') return 'COORDINATOR_NOT_AVAILABLE'
  const error = membershipError(group, request.memberId, request.groupInstanceId)
  if (error !== undefined) return error
  if (request.generationId !== group.generation) return 'ILLEGAL_GENERATION'
  const isConsistent =
    agrees(request.protocolType, group.protocolType) &&
    agrees(request.protocolName, group.protocolName)
  if (!isConsistent) return 'INCONSISTENT_GROUP_PROTOCOL'
  return group.phase === 'preparing-rebalance' ? 'REBALANCE_IN_PROGRESS' : undefined
}

/** Since version 5 a member says what it believes the group speaks (KIP-559). */
function agrees(said: string | null, actual: string | null): boolean {
  return said === null || actual === null || said === actual
}

/** The member has asked in time; when all have, nobody is waited for any more. */
function hasSynced(turn: Turn, memberId: string): void {
  const { groupId, pendingSync } = turn.group
  if (!pendingSync.has(memberId)) return
  const left = without(pendingSync, memberId)
  turn.change({ pendingSync: left })
  if (left.size === 0) turn.cancel(syncKey(groupId))
}

/** A member can wait once only, as for joining. */
function waitForLeader(turn: Turn, member: ClassicMember, ticket: Ticket): void {
  if (member.syncing !== undefined) {
    turn.reply('sync-group', member.syncing, notSynced('REBALANCE_IN_PROGRESS'))
  }
  turn.group = withMembers(turn.group, [{ ...member, syncing: ticket }])
}

/** Gives every member what the leader has for it, or nothing; whoever waits learns it once that is on
 *  record. */
function takeAssignment(turn: Turn, { request }: SyncGroupEvent): void {
  const parts = new Map(
    request.assignments.map((part) => [part.memberId, new Uint8Array(part.assignment)]),
  )
  const waiting = [...turn.group.members.values()]
  const assigned = waiting.map((member) => ({
    ...member,
    assignment: parts.get(member.memberId) ?? EMPTY_BYTES,
    syncing: undefined,
  }))
  turn.group = withMembers(turn.group, assigned)
  turn.enter('stable')
  turn.write(groupRecord(turn.group))
  for (const [index, { syncing }] of waiting.entries()) {
    const member = assigned[index]!
    if (syncing === undefined) continue
    turn.reply('sync-group', syncing, synced(turn.group, member))
    keepAlive(turn, member)
  }
}
