import type { Group } from '../group.ts'
import type { GroupRecord } from '../records.ts'
import { isEmptyGroup, tombstonesOf } from '../tombstones.ts'
import type { GroupEffect, GroupWorld } from '../world.ts'
import { type KnownGroups, offsetTombstone, TOMBSTONES_PER_TURN } from './known-groups.ts'
import { isExpired, isSubscribedTo } from './retention.ts'

const TIMER = 'expire'

/** The next look for what nobody needs any more, after `offsets.retention.check.interval.ms`. */
export function expireLater({ monotonicMs, broker }: GroupWorld): GroupEffect {
  const dueMs = monotonicMs + broker['offsets.retention.check.interval.ms']
  return { type: 'timer', key: TIMER, dueMs, event: { type: 'expire' } }
}

/**
 * Deletes offsets whose retention is over, and groups without members that have none left. What is too
 * much for one turn follows at once.
 */
export function decideExpire(
  known: KnownGroups,
  { after }: { readonly after?: string },
  world: GroupWorld,
): readonly GroupEffect[] {
  const records: GroupRecord[] = []
  let last: string | undefined
  for (const group of groupsAfter(known, after)) {
    const outcome = isFull(records) ? 'unfinished' : expireOffsets(known, group, records, world)
    if (outcome === 'unfinished') return [...records.map(append), goOn(last, world)]
    if (outcome === 'none-left' && isEmptyGroup(group)) records.push(...tombstonesOf(group))
    else last = group.groupId
  }
  return [...records.map(append), expireLater(world)]
}

/** From the group behind `after` on; from the first when it is gone. */
function* groupsAfter(known: KnownGroups, after: string | undefined): Iterable<Group> {
  let isReached = after === undefined || known.group(after) === undefined
  for (const group of known.groups()) {
    if (isReached) yield group
    else isReached = group.groupId === after
  }
}

/** @param after the last group that was looked at and stays. */
function goOn(after: string | undefined, { monotonicMs }: GroupWorld): GroupEffect {
  const event = { type: 'expire', ...(after !== undefined && { after }) } as const
  return { type: 'timer', key: TIMER, dueMs: monotonicMs, event }
}

/** @returns whether the group has offsets left; `unfinished`: there is no room for more records. */
function expireOffsets(
  { offsets }: KnownGroups,
  group: Group,
  records: GroupRecord[],
  world: GroupWorld,
): 'none-left' | 'some-left' | 'unfinished' {
  const { groupId } = group
  let hasLeft = offsets.hasOpen(groupId)
  for (const [topic, committed] of offsets.topicsOf(groupId)) {
    const isRead = isSubscribedTo(group, topic)
    for (const offset of committed) {
      const { partition } = offset
      const isKept =
        isRead || !isExpired(group, offset, world) || offsets.isOpen(groupId, topic, partition)
      if (isKept) hasLeft = true
      else if (isFull(records)) return 'unfinished'
      else records.push(offsetTombstone(groupId, topic, partition))
    }
  }
  return hasLeft ? 'some-left' : 'none-left'
}

function isFull(records: readonly GroupRecord[]): boolean {
  return records.length >= TOMBSTONES_PER_TURN
}

function append(record: GroupRecord): GroupEffect {
  return { type: 'append', record }
}
