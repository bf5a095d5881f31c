import type { ClusterImage } from '../../metadata/image.ts'
import { ZERO_UUID } from '../../protocol/primitives.ts'
import type { ConsumerGroup } from '../consumer/group.ts'
import type { GroupEffect, GroupWorld } from '../world.ts'
import { type KnownGroups, offsetTombstone, TOMBSTONES_PER_TURN } from './known-groups.ts'
import type { CommittedOffset } from './offset-table.ts'

/**
 * Topics came, went or grew: groups that read them look at them again, and offsets of topics that are
 * gone go too. A topic that was made anew is another one, which its id tells. What is too
 * much for one turn follows at once. Costs one look-up for each group and topic.
 */
export function decideTopicsChanged(
  known: KnownGroups,
  { topics }: { readonly topics: ReadonlySet<string> },
  world: GroupWorld,
): readonly GroupEffect[] {
  const gone: GroupEffect[] = []
  const left = new Set<string>()
  for (const [groupId, topic, partition] of goneOffsets(known, topics, world.image)) {
    if (gone.length >= TOMBSTONES_PER_TURN) left.add(topic)
    else gone.push({ type: 'append', record: offsetTombstone(groupId, topic, partition) })
  }
  return [...gone, ...staleGroups(known, topics), ...[...left].map((topic) => goOn(topic, world))]
}

/**
 * What a shard has to do that was just loaded: offsets of topics that were deleted and made anew while
 * it was away go. Those of topics that are not there stay until they expire, since this broker may
 * only not know them yet.
 */
export function formerTopics(known: KnownGroups, world: GroupWorld): readonly GroupEffect[] {
  const former = new Set<string>()
  for (const groupId of known.offsets.groupIds()) {
    for (const [topic, committed] of known.offsets.topicsOf(groupId)) {
      if (former.has(topic) || !world.image.topics.has(topic)) continue
      if (committed.some((offset) => isGone(topic, offset, world.image))) former.add(topic)
    }
  }
  return [...former].map((topic) => goOn(topic, world))
}

function goOn(topic: string, { monotonicMs }: GroupWorld): GroupEffect {
  const event = { type: 'topics-changed', topics: new Set([topic]) } as const
  return { type: 'timer', key: `topics-changed/${topic}`, dueMs: monotonicMs, event }
}

/** Offsets, committed or pending, of topics that are not there any more. */
function* goneOffsets(
  { offsets }: KnownGroups,
  topics: ReadonlySet<string>,
  image: ClusterImage,
): Iterable<readonly [groupId: string, topic: string, partition: number]> {
  for (const groupId of offsets.groupIds()) {
    for (const [topic, committed] of ofTopics(offsets.topicsOf(groupId), topics)) {
      for (const offset of committed) {
        if (isGone(topic, offset, image)) yield [groupId, topic, offset.partition]
      }
    }
    if (!offsets.hasOpen(groupId)) continue
    for (const [topic, offset] of offsets.pendingOf(groupId)) {
      const isNews =
        topics.has(topic) && offsets.get(groupId, topic, offset.partition) === undefined
      if (isNews && isGone(topic, offset, image)) yield [groupId, topic, offset.partition]
    }
  }
}

/** The entries of both, by the shorter way. */
function* ofTopics<V>(
  byTopic: ReadonlyMap<string, V>,
  topics: ReadonlySet<string>,
): Iterable<readonly [string, V]> {
  if (byTopic.size <= topics.size) {
    for (const entry of byTopic) if (topics.has(entry[0])) yield entry
    return
  }
  for (const topic of topics) {
    const value = byTopic.get(topic)
    if (value !== undefined) yield [topic, value]
  }
}

/** Offsets that do not tell the id of their topic stay as long as there is one of its name. */
function isGone(topic: string, { topicId }: CommittedOffset, image: ClusterImage): boolean {
  const now = image.topics.get(topic)
  return now === undefined || (topicId !== ZERO_UUID && topicId !== now.id)
}

function* staleGroups(known: KnownGroups, topics: ReadonlySet<string>): Iterable<GroupEffect> {
  for (const group of known.groups()) {
    if (group.type !== 'consumer' || group.isMetadataStale || !readsAny(group, topics)) continue
    yield { type: 'note', note: { group: { ...group, isMetadataStale: true } } }
  }
}

function readsAny({ topicSubscribers }: ConsumerGroup, topics: ReadonlySet<string>): boolean {
  if (topicSubscribers.size <= topics.size) {
    for (const topic of topicSubscribers.keys()) if (topics.has(topic)) return true
    return false
  }
  for (const topic of topics) if (topicSubscribers.has(topic)) return true
  return false
}
