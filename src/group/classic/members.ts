import type { ErrorName } from '../../protocol/errors.ts'
import type { ClassicGroup, ClassicMember } from './group.ts'

/**
 * The group with these members, in place of those of the same ids. The first member of all makes
 * itself the leader where none is. The only ways in and out of `group.members` are this and
 * `withoutMember`; what is derived from the members follows here.
 */
export function withMembers(group: ClassicGroup, changed: readonly ClassicMember[]): ClassicGroup {
  const protocolCounts = new Map(group.protocolCounts)
  const instances = new Map<string, string>()
  let { joiningCount } = group
  for (const member of changed) {
    const before = group.members.get(member.memberId)
    if (before !== undefined) count(protocolCounts, before, -1)
    count(protocolCounts, member, 1)
    joiningCount += Number(isJoining(member)) - Number(before !== undefined && isJoining(before))
    if (member.instanceId !== null) instances.set(member.instanceId, member.memberId)
  }
  return {
    ...group,
    members: group.members.with(new Map(changed.map((member) => [member.memberId, member]))),
    staticMembers: group.staticMembers.with(instances),
    joiningCount,
    protocolCounts,
    leaderId: group.leaderId ?? changed[0]?.memberId ?? null,
  }
}

/** The group without what it holds of this id: member, given-out id, anything. A leader that goes
 *  leaves its place to any other. */
export function withoutMember(group: ClassicGroup, memberId: string): ClassicGroup {
  const left = withoutWaiting(group, memberId)
  const member = group.members.get(memberId)
  if (member === undefined) return left
  const protocolCounts = new Map(group.protocolCounts)
  count(protocolCounts, member, -1)
  const members = group.members.with(new Map([[memberId, undefined]]))
  const { leaderId } = group
  return {
    ...left,
    members,
    staticMembers:
      member.instanceId === null
        ? group.staticMembers
        : group.staticMembers.with(new Map([[member.instanceId, undefined]])),
    joiningCount: group.joiningCount - Number(isJoining(member)),
    protocolCounts,
    leaderId: leaderId === memberId ? (members.keys().next().value ?? null) : leaderId,
  }
}

function withoutWaiting(group: ClassicGroup, memberId: string): ClassicGroup {
  return {
    ...group,
    pendingJoin: without(group.pendingJoin, memberId),
    pendingSync: without(group.pendingSync, memberId),
  }
}

/** The set itself when `value` is not in it. */
export function without<T>(set: ReadonlySet<T>, value: T): ReadonlySet<T> {
  if (!set.has(value)) return set
  const rest = new Set(set)
  rest.delete(value)
  return rest
}

function count(counts: Map<string, number>, member: ClassicMember, by: 1 | -1): void {
  for (const { name } of member.protocols) {
    const next = (counts.get(name) ?? 0) + by
    if (next === 0) counts.delete(name)
    else counts.set(name, next)
  }
}

export function isJoining(member: ClassicMember): boolean {
  return member.joining !== undefined
}

/** Whether nobody is waited for any more: neither members nor those that were given an id. */
export function haveAllJoined(group: ClassicGroup): boolean {
  return group.members.size === group.joiningCount && group.pendingJoin.size === 0
}

/** The longest that any member wants to be waited for, ms. Cost: all members. */
export function rebalanceTimeoutOf(group: ClassicGroup): number {
  let longestMs = 0
  for (const member of group.members.values()) {
    longestMs = Math.max(longestMs, member.rebalanceTimeoutMs)
  }
  return longestMs
}

/** Why a request of this member may not be served; undefined: it may (KIP-345). */
export function membershipError(
  group: ClassicGroup,
  memberId: string,
  instanceId: string | null,
): Extract<ErrorName, 'UNKNOWN_MEMBER_ID' | 'FENCED_INSTANCE_ID'> | undefined {
  if (instanceId !== null) {
    const holder = group.staticMembers.get(instanceId)
    if (holder === undefined) return 'UNKNOWN_MEMBER_ID'
    if (holder !== memberId) return 'FENCED_INSTANCE_ID'
  }
  return group.members.has(memberId) ? undefined : 'UNKNOWN_MEMBER_ID'
}
