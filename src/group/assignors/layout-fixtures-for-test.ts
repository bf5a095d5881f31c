/** Seeded groups for the tests of the assignors, each growing out of the one before. */

import type { Random } from '../../kernel/environment.ts'
import type { AssignorInput, AssignorResult, MemberSubscription } from './assignor.ts'

/** A group before a new assignment. */
export interface Layout {
  /** Partition counts by topic id. */
  readonly topics: ReadonlyMap<string, number>
  readonly members: ReadonlyMap<string, MemberSubscription>
  readonly isHomogeneous: boolean
}

export function inputOf({ topics, members, isHomogeneous }: Layout): AssignorInput {
  const holders = new Map<string, string>()
  for (const [memberId, { assigned }] of members)
    for (const [topicId, partitions] of assigned)
      for (const partition of partitions) holders.set(`${topicId}:${partition}`, memberId)
  return {
    members,
    isHomogeneous,
    holderOf: (topicId, partition) => holders.get(`${topicId}:${partition}`),
    partitionCountOf: (topicId) => topics.get(topicId),
    racksOf: () => new Set(),
  }
}

/** A group that has no assignment yet. */
export function newLayout(random: Random, memberLimit = 20, topicLimit = 8): Layout {
  const topics = new Map<string, number>()
  for (let count = 1 + random.below(topicLimit); count > 0; count--)
    topics.set(newUuid(random), 1 + random.below(random.below(4) === 0 ? 120 : 12))
  const isHomogeneous = random.below(2) === 0
  const members = new Map<string, MemberSubscription>()
  for (let count = 1 + random.below(memberLimit); count > 0; count--)
    members.set(memberId(random), newMember(random, topics, isHomogeneous, members))
  return { topics, members, isHomogeneous }
}

/** What the group's log then says: a member's record is written only when something changed for it. */
export function recorded({ members }: Layout, result: AssignorResult): AssignorResult {
  return new Map(
    [...result].map(([memberId, own]) => {
      const before = members.get(memberId)?.assigned ?? new Map()
      return [memberId, contentOf(before) === contentOf(own) ? before : own]
    }),
  )
}

function contentOf(assigned: MemberSubscription['assigned']): string {
  const topics = [...assigned].map(([id, partitions]) => [id, partitions.toSorted((a, b) => a - b)])
  return JSON.stringify(topics.toSorted())
}

/** The group some time after it was given an assignment: members and topics came, went and changed. */
export function nextLayout(random: Random, before: Layout, result: AssignorResult): Layout {
  const topics = new Map(before.topics)
  for (const [id, count] of before.topics)
    if (random.below(4) === 0) topics.set(id, count + random.below(20))
  if (random.below(3) === 0) topics.set(newUuid(random), 1 + random.below(30))
  const gone = random.below(4) === 0 ? [...topics.keys()][random.below(topics.size)] : undefined
  if (gone !== undefined && topics.size > 1) topics.delete(gone)
  const isHomogeneous = before.isHomogeneous !== (random.below(6) === 0)
  const members = new Map<string, MemberSubscription>()
  const assigned = recorded(before, result)
  for (const [id, member] of before.members) {
    if (random.below(6) === 0) continue
    const changes = random.below(4) === 0 || isHomogeneous !== before.isHomogeneous
    const topicIds =
      changes || isHomogeneous
        ? newMember(random, topics, isHomogeneous, members).topicIds
        : new Set([...member.topicIds].filter((topicId) => topics.has(topicId)))
    members.set(id, { ...member, topicIds, assigned: assigned.get(id) ?? new Map() })
  }
  for (let count = random.below(4) + (members.size === 0 ? 1 : 0); count > 0; count--)
    members.set(memberId(random), newMember(random, topics, isHomogeneous, members))
  return { topics, members, isHomogeneous }
}

function memberId(random: Random): string {
  return random.below(3) === 0 ? `consumer-orders-${random.below(1000)}` : newUuid(random)
}

function newUuid(random: Random): string {
  return Buffer.from(random.bytes(16)).toString('base64url')
}

function newMember(
  random: Random,
  topics: ReadonlyMap<string, number>,
  isHomogeneous: boolean,
  others: ReadonlyMap<string, MemberSubscription>,
): MemberSubscription {
  const first = [...others.values()][0]
  const some = [...topics.keys()].filter(() => random.below(3) > 0)
  const instances = new Set([...others.values()].map(({ instanceId }) => instanceId))
  const instanceId = random.below(4) === 0 ? `instance-${random.below(100)}` : null
  return {
    rackId: random.below(2) === 0 ? `rack-${random.below(3)}` : null,
    instanceId: instances.has(instanceId) ? null : instanceId,
    topicIds: isHomogeneous && first !== undefined ? first.topicIds : new Set(some),
    assigned: new Map(),
  }
}
