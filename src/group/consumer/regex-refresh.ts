import type { ClusterImage, TopicImage } from '../../metadata/image.ts'
import type { ImmutableMap } from '../../metadata/immutable-map.ts'
import type { Draft } from './draft.ts'
import type { ConsumerGroup, ResolvedRegex } from './group.ts'
import { regexRecord } from './records.ts'
import { resolvePattern } from './regex.ts'

/** Every topic is looked at for every pattern, so that is done no more often than this. */
const SHORTEST_REFRESH_MS = 10_000
/** Patterns whose matches are kept while the topics stay; more are matched anew each time. */
const MAX_KNOWN_PATTERNS = 1000

/**
 * Resolves all patterns of a group anew when one was never resolved, topics have come since, or
 * `group.consumer.regex.refresh.interval.ms` has passed. Kafka does it in the background and tells the
 * group afterwards; here it is a part of the heartbeat, whose answer knows the topics already.
 * @param hasNewPattern the heartbeat brings a pattern that nobody had.
 * @returns whether any pattern matches other topics than before.
 */
export function refreshRegexes(draft: Draft, hasNewPattern: boolean): boolean {
  const { group, before, world } = draft
  if (group.regexSubscribers.size === 0) return false
  const last = lastRefresh(before)
  if (last !== undefined && world.nowMs <= last.timestampMs + SHORTEST_REFRESH_MS) return false
  if (!hasNewPattern && !isRefreshDue(draft, last)) return false
  let hasOtherTopics = false
  for (const regex of group.regexSubscribers.keys()) {
    const resolved: ResolvedRegex = {
      topics: matchesOf(regex, world.image),
      version: world.image.revision,
      timestampMs: world.nowMs,
    }
    hasOtherTopics ||= !sameTopics(group.regexes.get(regex)?.topics, resolved.topics)
    draft.append(regexRecord(group.groupId, regex, resolved))
  }
  return hasOtherTopics
}

/** All patterns of a group are resolved together, so any of them tells when. */
function lastRefresh(group: ConsumerGroup): ResolvedRegex | undefined {
  for (const resolved of group.regexes.values()) return resolved
  return undefined
}

function isRefreshDue({ group, world }: Draft, last: ResolvedRegex | undefined): boolean {
  if (last === undefined || group.regexSubscribers.size !== group.regexes.size) return true
  const intervalMs = world.broker['group.consumer.regex.refresh.interval.ms']
  return (
    last.version < newestTopicRevision(world.image) ||
    // Written by a cluster that counted revisions otherwise.
    last.version > world.image.revision ||
    world.nowMs > last.timestampMs + intervalMs
  )
}

const matchesByTopics = new WeakMap<ImmutableMap<TopicImage>, Map<string, ReadonlySet<string>>>()

/** What a pattern matches. Found once for each table of topics, for all groups that ask for it. */
function matchesOf(regex: string, image: ClusterImage): ReadonlySet<string> {
  const known = matchesByTopics.get(image.topics) ?? new Map<string, ReadonlySet<string>>()
  matchesByTopics.set(image.topics, known)
  const matches = known.get(regex) ?? resolvePattern(regex, image)
  if (known.size < MAX_KNOWN_PATTERNS) known.set(regex, matches)
  return matches
}

const newestByTopics = new WeakMap<ImmutableMap<TopicImage>, number>()

/** When the newest of the topics was made. Found once for each table of topics. */
function newestTopicRevision({ topics }: ClusterImage): number {
  const known = newestByTopics.get(topics)
  if (known !== undefined) return known
  let newest = 0
  for (const topic of topics.values()) newest = Math.max(newest, topic.createRevision)
  newestByTopics.set(topics, newest)
  return newest
}

function sameTopics(a: ReadonlySet<string> | undefined, b: ReadonlySet<string>): boolean {
  return (a?.size ?? 0) === b.size && [...b].every((topic) => a?.has(topic))
}
