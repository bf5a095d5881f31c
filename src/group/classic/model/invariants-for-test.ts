/** What holds of a classic group and its coordinator after every event. */

import { isDeepStrictEqual } from 'node:util'
import type { Ticket } from '../../../coordinator/machine.ts'
import type { ClassicGroupRecord } from '../../records.ts'
import type { ClassicGroup, ClassicMember } from '../group.ts'
import { haveAllJoined } from '../members.ts'
import { groupRecord } from '../record.ts'
import { joinKey, sessionKey, syncKey } from '../timers.ts'
import type { ModelCoordinator } from './coordinator-for-test.ts'
import { must } from './violation-for-test.ts'

/** @throws Violation */
export function checkGroup(coordinator: ModelCoordinator): void {
  const { group } = coordinator
  checkTickets(group, coordinator.waiting())
  if (group === undefined) return
  checkMembers(group)
  checkTimers(group, coordinator.timers)
  checkRecord(group, coordinator)
}

/** Who was not answered is known by the group, once; and the group knows nobody else. */
function checkTickets(group: ClassicGroup | undefined, open: readonly Ticket[]): void {
  const held: Ticket[] = []
  for (const { joining, syncing } of group?.members.values() ?? []) {
    if (joining !== undefined) held.push(joining)
    if (syncing !== undefined) held.push(syncing)
  }
  must(
    isDeepStrictEqual(held.sort(), [...open].sort()),
    () => `tickets ${open} wait for an answer, but the group knows of ${held}`,
  )
}

function checkMembers(group: ClassicGroup): void {
  const { leaderId, members, pendingJoin, pendingSync, phase } = group
  // The last member has left, and clients are waited for that were given an id, or may yet come.
  const waitsForClients =
    phase === 'preparing-rebalance' && (pendingJoin.size > 0 || group.isFirstRebalance)
  must(
    (members.size === 0) === (phase === 'empty') || (members.size === 0 && waitsForClients),
    () => `a group in ${phase} has ${members.size} members`,
  )
  must(
    members.size === 0 || (leaderId !== null && members.has(leaderId)),
    () => `the leader ${leaderId} is no member`,
  )
  for (const memberId of pendingSync) {
    must(members.has(memberId), () => `${memberId} is to sync and is no member`)
  }
  must(
    phase !== 'completing-rebalance' || pendingSync.has(leaderId ?? ''),
    () => `the leader ${leaderId} has synced and the group is not stable`,
  )
}

/** Everything that is waited for has an end. */
function checkTimers(group: ClassicGroup, timers: ReadonlyMap<string, unknown>): void {
  const { groupId, members, pendingJoin, pendingSync, phase } = group
  const has = (key: string) => must(timers.has(key), () => `${phase}: no timer ${key}`)
  for (const member of members.values()) {
    if (!isExcused(member)) has(sessionKey(groupId, member.memberId))
  }
  for (const memberId of pendingJoin.keys()) has(sessionKey(groupId, memberId))
  if (phase === 'preparing-rebalance') has(joinKey(groupId))
  if (pendingSync.size > 0) has(syncKey(groupId))
  must(
    phase !== 'preparing-rebalance' || group.isFirstRebalance || !haveAllJoined(group),
    () => 'all have joined, and the generation does not begin',
  )
}

function isExcused({ joining, syncing, isNew }: ClassicMember): boolean {
  return !isNew && (joining !== undefined || syncing !== undefined)
}

/** Groups do not change: one that was compared need not be again. */
const compared = new WeakMap<ClassicGroup, ClassicGroupRecord | undefined>()

/** What lasts of the group is what its last record says. In a rebalance the group is ahead of it. */
function checkRecord(group: ClassicGroup, coordinator: ModelCoordinator): void {
  const last = coordinator.records.at(-1)
  const recorded = last?.value?.generation ?? -1
  must(
    recorded <= group.generation,
    () => `generation ${group.generation} is behind ${recorded} on record`,
  )
  if (group.phase !== 'empty' && group.phase !== 'stable') return
  if (compared.get(group) === last) return
  compared.set(group, last)
  must(
    isDeepStrictEqual(groupRecord(group), last),
    () => `what a ${group.phase} group holds is not what its record says`,
  )
}
