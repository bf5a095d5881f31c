import type { ImmutableMap } from '../../metadata/immutable-map.ts'
import type { ErrorName } from '../../protocol/errors.ts'
import type { ClassicGroup, ClassicMember } from './group.ts'

/**
 * The group with these members, in place of those of the same ids. The first member of all makes
 * itself the leader where none is. The only ways in and out of `group.members` are this and
 * `withoutMember`; what is derived from the members follows here.
 */
export function withMembers(group: ClassicGroup, changed: readonly ClassicMember[]): ClassicGroup {
  const counts = new Map<string, number>()
  const instances = new Map<string, string>()
  let { joiningCount } = group
  for (const member of changed) {
    const { memberId, instanceId } = member
    const before = group.members.get(memberId)
    joiningCount += Number(isJoining(member)) - Number(before !== undefined && isJoining(before))
    if (before?.protocols !== member.protocols) {
      if (before !== undefined) count(counts, before, -1)
      count(counts, member, 1)
    }
    if (instanceId !== null && group.staticMembers.get(instanceId) !== memberId) {
      instances.set(instanceId, memberId)
    }
  }
  return {
    ...group,
    members: group.members.with(new Map(changed.map((member) => [member.memberId, member]))),
    staticMembers: group.staticMembers.with(instances),
    joiningCount,
    protocolCounts: added(group.protocolCounts, counts),
    leaderId: group.leaderId ?? changed[0]?.memberId ?? null,
  }
}

/** The group without what it holds of this id: member, given-out id, anything. A leader that goes
 *  leaves its place to any other. */
export function withoutMember(group: ClassicGroup, memberId: string): ClassicGroup {
  const left = withoutWaiting(group, memberId)
  const member = group.members.get(memberId)
  if (member === undefined) return left
  const members = withoutKey(group.members, memberId)
  const { leaderId } = group
  const { instanceId } = member
  const counts = new Map<string, number>()
  count(counts, member, -1)
  return {
    ...left,
    members,
    staticMembers:
      instanceId === null ? group.staticMembers : withoutKey(group.staticMembers, instanceId),
    joiningCount: group.joiningCount - Number(isJoining(member)),
    protocolCounts: added(group.protocolCounts, counts),
    leaderId: leaderId === memberId ? (members.keys().next().value ?? null) : leaderId,
  }
}

function withoutWaiting(group: ClassicGroup, memberId: string): ClassicGroup {
  if (!group.pendingJoin.has(memberId) && !group.pendingSync.has(memberId)) return group
  return {
    ...group,
    pendingJoin: withoutKey(group.pendingJoin, memberId),
    pendingSync: without(group.pendingSync, memberId),
  }
}

/** The map itself when `key` is not in it. */
export function withoutKey<V>(map: ImmutableMap<V>, key: string): ImmutableMap<V> {
  return map.has(key) ? map.with(new Map([[key, undefined]])) : map
}

/** The set itself when `value` is not in it. */
export function without<T>(set: ReadonlySet<T>, value: T): ReadonlySet<T> {
  if (!set.has(value)) return set
  const rest = new Set(set)
  rest.delete(value)
  return rest
}

function count(counts: Map<string, number>, member: ClassicMember, by: 1 | -1): void {
  for (const { name } of member.protocols) counts.set(name, (counts.get(name) ?? 0) + by)
}

/** Counts with others added; what nobody offers any more is not among them. */
function added(
  counts: ImmutableMap<number>,
  more: ReadonlyMap<string, number>,
): ImmutableMap<number> {
  const sums = [...more].map(([name, by]): [string, number | undefined] => {
    const sum = (counts.get(name) ?? 0) + by
    return [name, sum === 0 ? undefined : sum]
  })
  return counts.with(new Map(sums))
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
