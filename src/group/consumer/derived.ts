import type { ImmutableMap } from '../../metadata/immutable-map.ts'
import {
  type ConsumerGroup,
  type ConsumerMember,
  type HeldPartitions,
  partitionKey,
  type ResolvedRegex,
  regexOf,
  type TopicSubscribers,
} from './group.ts'

/**
 * Puts one member in another's place, and brings what is derived from the members up to date.
 * @param before the member as the group has it, undefined for a new one.
 * @param after undefined when it is gone.
 * The cost follows what differs between the two, not the size of the group.
 */
export function withMember(
  group: ConsumerGroup,
  before: ConsumerMember | undefined,
  after: ConsumerMember | undefined,
): ConsumerGroup {
  const memberId = (after ?? before)?.memberId
  if (memberId === undefined) return group
  return {
    ...group,
    members: group.members.with(new Map([[memberId, after]])),
    staticMembers: withInstance(group.staticMembers, before, after),
    holders: withHolder(group.holders, before, after),
    topicSubscribers: withNames(group.topicSubscribers, before, after),
    regexSubscribers: withPattern(group.regexSubscribers, before, after),
    classicCount: group.classicCount + isClassic(after) - isClassic(before),
  }
}

/** Takes over what a pattern matched; undefined when nobody asks for it any more. */
export function withRegex(
  group: ConsumerGroup,
  regex: string,
  resolved: ResolvedRegex | undefined,
): ConsumerGroup {
  const changes = new Map<string, number>()
  const count = (topics: Iterable<string>, by: number): void => {
    for (const topic of topics) changes.set(topic, (changes.get(topic) ?? 0) + by)
  }
  count(group.regexes.get(regex)?.topics ?? [], -1)
  count(resolved?.topics ?? [], 1)
  return {
    ...group,
    regexes: group.regexes.with(new Map([[regex, resolved]])),
    topicSubscribers: counted(group.topicSubscribers, changes, 'byRegex'),
  }
}

const isClassic = (member: ConsumerMember | undefined): number => (member?.classic ? 1 : 0)

function withInstance(
  staticMembers: ImmutableMap<string>,
  before: ConsumerMember | undefined,
  after: ConsumerMember | undefined,
): ImmutableMap<string> {
  const was = before?.instanceId ?? null
  const is = after?.instanceId ?? null
  if (was === is) return staticMembers
  const changes = new Map<string, string | undefined>()
  if (was !== null && staticMembers.get(was) === before?.memberId) changes.set(was, undefined)
  if (is !== null) changes.set(is, after?.memberId)
  return staticMembers.with(changes)
}

function withHolder(
  holders: ImmutableMap<string>,
  before: ConsumerMember | undefined,
  after: ConsumerMember | undefined,
): ImmutableMap<string> {
  const isSame =
    before?.assigned === after?.assigned && before?.pendingRevocation === after?.pendingRevocation
  if (isSame) return holders
  const changes = new Map<string, string | undefined>()
  for (const key of heldKeys(before)) {
    if (holders.get(key) === before?.memberId) changes.set(key, undefined)
  }
  for (const key of heldKeys(after)) {
    if (holders.get(key) === after?.memberId) changes.delete(key)
    else changes.set(key, after?.memberId)
  }
  return holders.with(changes)
}

function* heldKeys(member: ConsumerMember | undefined): Iterable<string> {
  if (member === undefined) return
  yield* keysOf(member.assigned)
  yield* keysOf(member.pendingRevocation)
}

function* keysOf(held: HeldPartitions): Iterable<string> {
  for (const [topicId, epochs] of held) {
    for (const partition of epochs.keys()) yield partitionKey(topicId, partition)
  }
}

function withNames(
  subscribers: ImmutableMap<TopicSubscribers>,
  before: ConsumerMember | undefined,
  after: ConsumerMember | undefined,
): ImmutableMap<TopicSubscribers> {
  const was = before?.subscribedTopicNames ?? []
  const is = after?.subscribedTopicNames ?? []
  if (was === is) return subscribers
  const changes = new Map<string, number>()
  for (const topic of was) changes.set(topic, -1)
  for (const topic of is) changes.set(topic, (changes.get(topic) ?? 0) + 1)
  return counted(subscribers, changes, 'byName')
}

/** @param changes by how much each topic's count goes up or down. */
function counted(
  subscribers: ImmutableMap<TopicSubscribers>,
  changes: ReadonlyMap<string, number>,
  which: keyof TopicSubscribers,
): ImmutableMap<TopicSubscribers> {
  const next = new Map<string, TopicSubscribers | undefined>()
  for (const [topic, by] of changes) {
    if (by === 0) continue
    const count = subscribers.get(topic) ?? { byName: 0, byRegex: 0 }
    const changed = { ...count, [which]: count[which] + by }
    next.set(topic, changed.byName + changed.byRegex === 0 ? undefined : changed)
  }
  return subscribers.with(next)
}

function withPattern(
  subscribers: ImmutableMap<number>,
  before: ConsumerMember | undefined,
  after: ConsumerMember | undefined,
): ImmutableMap<number> {
  const was = before && regexOf(before)
  const is = after && regexOf(after)
  if (was === is) return subscribers
  const next = new Map<string, number | undefined>()
  if (was !== undefined) next.set(was, (subscribers.get(was) ?? 0) - 1 || undefined)
  if (is !== undefined) next.set(is, (subscribers.get(is) ?? 0) + 1)
  return subscribers.with(next)
}
