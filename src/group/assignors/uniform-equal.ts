import type { AssignorInput, AssignorResult } from './assignor.ts'
import { JavaHashSet, uuidHash } from './java-hash.ts'
import type { MemberTarget } from './member-target.ts'
import { failed, partitionCount, resultOf, targetOf, walkMembers } from './walk.ts'

interface Partition {
  readonly topicId: string
  readonly index: number
}

/** Members that may still get partitions, and how many. */
interface Unfilled {
  readonly target: MemberTarget
  readonly room: number
}

/**
 * The uniform assignment of a group whose members all subscribe to the same topics. Every member may
 * have the same number of partitions, the first that can use it one more: what a member has beyond
 * that is taken, then those with room get what is free. O(members + partitions).
 */
export function assignToEqualSubscriptions(input: AssignorInput): AssignorResult {
  const memberIds = walkMembers(input)
  const subscribed = input.members.get(memberIds[0]!)!.topicIds
  const topicIds = JavaHashSet.of(uuidHash, subscribed, subscribed.size)
  if (topicIds.size === 0) return resultOf(input, new Map())

  const free: Partition[] = []
  let total = 0
  for (const topicId of topicIds) {
    const count = partitionCount(input, topicId)
    for (let index = 0; index < count; index++)
      if (input.holderOf(topicId, index) === undefined) free.push({ topicId, index })
    total += count
  }

  const targets = new Map<string, MemberTarget>()
  const unfilled: Unfilled[] = []
  const share = Math.floor(total / memberIds.length)
  let extras = total % memberIds.length
  for (const [walked, memberId] of memberIds.entries()) {
    const target = targetOf(input, memberId)
    targets.set(memberId, target)
    const mayHaveExtra = extras > 0
    const left = takeBeyond(target, subscribed, share + (mayHaveExtra ? 1 : 0), free)
    // Who has no use for one more leaves it to those behind, as long as they are enough to take all.
    const passesExtra = mayHaveExtra && left > 0 && memberIds.length - walked > extras
    const room = passesExtra ? left - 1 : left
    if (room > 0) unfilled.push({ target, room })
    if (mayHaveExtra && !passesExtra) extras -= 1
  }
  giveOut(free, unfilled)
  return resultOf(input, targets)
}

/**
 * Takes from a member what it does not subscribe to any more, and what it has beyond its quota.
 * @param free gets the latter.
 * @returns how many partitions the member may still get.
 */
function takeBeyond(
  target: MemberTarget,
  subscribed: ReadonlySet<string>,
  quota: number,
  free: Partition[],
): number {
  let left = quota
  for (const [topicId, partitions] of target.now()) {
    if (!subscribed.has(topicId)) {
      target.removeTopic(topicId)
      continue
    }
    for (const index of partitions.slice(left)) {
      target.remove(topicId, index)
      free.push({ topicId, index })
    }
    left = Math.max(0, left - partitions.length)
  }
  return left
}

function giveOut(free: readonly Partition[], unfilled: readonly Unfilled[]): void {
  let next = 0
  for (const { target, room } of unfilled) {
    const end = Math.min(next + room, free.length)
    for (; next < end; next++) target.add(free[next]!.topicId, free[next]!.index)
  }
  if (next < free.length) throw failed(`${free.length - next} partitions were left over`)
}
