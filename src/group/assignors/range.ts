import type { Assignor, AssignorInput, AssignorResult, MemberSubscription } from './assignor.ts'
import { JavaHashSet, roomFor, uuidHash } from './java-hash.ts'
import { partitionCount } from './walk.ts'

/**
 * Cuts every topic into as many ranges as it has subscribers, the first ones longer by one where it
 * does not come out even, so that equal partitions of topics with equal counts meet in one member.
 * Static members come first, by their instance ids, so that a restart changes nothing; the others by
 * member id. Sticky only by that order, and without regard to racks, as in Kafka 4.3.
 */
export const range: Assignor = { name: 'range', assign: assignRanges }

/** O(members · log members + subscriptions + partitions). */
function assignRanges(input: AssignorInput): AssignorResult {
  const members = [...input.members].toSorted(([idA, a], [idB, b]) => byRank(idA, a, idB, b))
  const ranges = new Map<string, Cut>()
  for (const [, { topicIds }] of members) {
    for (const topicId of topicIds) {
      const cut = ranges.get(topicId)
      if (cut === undefined) ranges.set(topicId, newCut(partitionCount(input, topicId)))
      else cut.subscriberCount += 1
    }
  }
  return new Map(members.map(([id, { topicIds }]) => [id, rangesOf(topicIds, ranges)]))
}

/** The next range of each topic that has one left, in the order of the map that Kafka makes of them. */
function rangesOf(
  topicIds: ReadonlySet<string>,
  cuts: ReadonlyMap<string, Cut>,
): ReadonlyMap<string, readonly number[]> {
  const own = new Map<string, readonly number[]>()
  const order = new JavaHashSet(uuidHash, roomFor(topicIds.size))
  for (const topicId of topicIds) {
    const partitions = nextRange(cuts.get(topicId)!)
    if (partitions.length === 0) continue
    own.set(topicId, partitions)
    order.add(topicId)
  }
  return new Map([...order].map((topicId) => [topicId, own.get(topicId)!]))
}

/** A topic on the way of being cut up. */
interface Cut {
  readonly partitionCount: number
  subscriberCount: number
  /** Ranges given out so far, and where the next begins. */
  given: number
  next: number
}

function newCut(count: number): Cut {
  return { partitionCount: count, subscriberCount: 1, given: 0, next: 0 }
}

function nextRange(cut: Cut): readonly number[] {
  const isLonger = cut.given < cut.partitionCount % cut.subscriberCount
  const length = Math.floor(cut.partitionCount / cut.subscriberCount) + (isLonger ? 1 : 0)
  const first = cut.next
  cut.given += 1
  cut.next += length
  return Array.from({ length }, (_, index) => first + index)
}

function byRank(idA: string, a: MemberSubscription, idB: string, b: MemberSubscription): number {
  if (a.instanceId !== null && b.instanceId !== null) return compare(a.instanceId, b.instanceId)
  if (a.instanceId !== null) return -1
  if (b.instanceId !== null) return 1
  return compare(idA, idB)
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
