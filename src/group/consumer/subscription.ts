import type { ClusterImage } from '../../metadata/image.ts'
import { KafkaError } from '../../protocol/errors.ts'
import { JavaHashSet, stringHash } from '../assignors/java-hash.ts'
import type { Draft } from './draft.ts'
import { type ConsumerGroup, type ConsumerMember, regexOf } from './group.ts'
import { memberRecord, regexTombstone } from './records.ts'
import { compilePattern } from './regex.ts'
import { refreshRegexes } from './regex-refresh.ts'
import { sameNames } from './said.ts'

/** Different patterns in one group. Each is matched with every topic, some 10 ms for 10,000 of them,
 *  while nothing else happens; Kafka does it in the background and has no such bound. */
const MAX_PATTERNS = 100

/** What became of a group's subscriptions by what one member said. */
export interface SubscriptionChange {
  /** The member asks for other topics than before. */
  readonly ofMember: boolean
  /** The group reads other topics: it needs another assignment. */
  readonly ofGroup: boolean
}

/**
 * Takes over what a member says of itself, and resolves patterns when it is time to.
 * @param member as the group has it, or newly begun.
 * @param said the same one with what it says now.
 * @throws KafkaError INVALID_REGULAR_EXPRESSION for a pattern that nobody else in the group has and
 *   that is none, or one too many.
 */
export function takeSubscription(
  draft: Draft,
  member: ConsumerMember,
  said: ConsumerMember,
): SubscriptionChange {
  const namesChanged = !sameNames(member.subscribedTopicNames, said.subscribedTopicNames)
  const isNew = !draft.group.members.has(said.memberId)
  if (said !== member || isNew) draft.append(memberRecord(draft.group.groupId, said))
  const pattern = takePattern(draft, regexOf(member), regexOf(said))
  const wereResolved = refreshRegexes(draft, pattern === 'first')
  return {
    ofMember: namesChanged || pattern !== 'same',
    ofGroup: namesChanged || pattern === 'known' || wereResolved,
  }
}

/** What became of a member's pattern: `first`: nobody has this one; `known`: what is matched is known
 *  already; `unresolved`: will be known later. */
type PatternChange = 'same' | 'first' | 'known' | 'unresolved'

/** The member's record with the new pattern lies in the draft already. */
function takePattern(
  draft: Draft,
  before: string | undefined,
  after: string | undefined,
): PatternChange {
  if (before === after) return 'same'
  const { group } = draft
  const isAbandoned = before !== undefined && !group.regexSubscribers.has(before)
  if (isAbandoned) draft.append(regexTombstone(group.groupId, before))
  if (after === undefined) return 'known'
  if (group.regexSubscribers.get(after) === 1) {
    checkPattern(group, after)
    return 'first'
  }
  return group.regexes.has(after) ? 'known' : 'unresolved'
}

/** @throws KafkaError INVALID_REGULAR_EXPRESSION */
function checkPattern({ groupId, regexSubscribers }: ConsumerGroup, pattern: string): void {
  if (regexSubscribers.size > MAX_PATTERNS) {
    const detail = `group ${groupId} subscribes to ${MAX_PATTERNS} patterns already`
    throw new KafkaError('INVALID_REGULAR_EXPRESSION', detail)
  }
  compilePattern(pattern)
}

/**
 * Topics that a member subscribes to, by name and by what its pattern matched.
 * @returns tells of a topic id whether it is among them. Topics that are gone never are.
 */
export function subscriptionOf(
  group: ConsumerGroup,
  member: ConsumerMember,
  image: ClusterImage,
): (topicId: string) => boolean {
  const names = new Set(member.subscribedTopicNames)
  const matched = matchedTopics(group, member)
  return (topicId) => {
    const name = image.topicsById.get(topicId)?.name
    return name !== undefined && (names.has(name) || matched.has(name))
  }
}

/** Ids of the topics that a member subscribes to, of those that exist, in the order of Kafka's sets of
 *  their names: assignors go by it. */
export function subscribedTopicIds(
  group: ConsumerGroup,
  member: ConsumerMember,
  image: ClusterImage,
): ReadonlySet<string> {
  const byName = member.subscribedTopicNames
  const byRegex = [...matchedTopics(group, member)].sort()
  const ids = new Set<string>()
  for (const names of byName.length > byRegex.length ? [byName, byRegex] : [byRegex, byName]) {
    for (const name of JavaHashSet.of(stringHash, names, names.length)) {
      const topic = image.topics.get(name)
      if (topic !== undefined) ids.add(topic.id)
    }
  }
  return ids
}

const NO_TOPICS: ReadonlySet<string> = new Set()

function matchedTopics(group: ConsumerGroup, member: ConsumerMember): ReadonlySet<string> {
  const regex = regexOf(member)
  return (regex === undefined ? undefined : group.regexes.get(regex)?.topics) ?? NO_TOPICS
}

/** Whether all members subscribe to the same topics, which makes assigning far cheaper. */
export function isHomogeneous(group: ConsumerGroup): boolean {
  const memberCount = group.members.size
  const [pattern, ...others] = group.regexSubscribers.values()
  const counts = [...group.topicSubscribers.values()]
  if (pattern === undefined) return counts.every(({ byName }) => byName === memberCount)
  if (pattern !== memberCount || others.length > 0) return false
  return counts.every(({ byName, byRegex }) => byRegex === 1 && byName === 0)
}
