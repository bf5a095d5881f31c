import type { Draft } from './draft.ts'
import { type ConsumerMember, isReconciled, NO_ASSIGNMENT, partitionKey } from './group.ts'
import { type NamedPartitions, sameHeld } from './partitions.ts'
import { reconciled } from './reconcile.ts'
import { currentRecord } from './records.ts'
import { subscriptionOf } from './subscription.ts'
import { cancelTimer, limitRevocation } from './timers.ts'

/** What a member says that matters on its way to its target. */
export interface Progress {
  /** What it holds; null: as it said before. */
  readonly owned: NamedPartitions | null
  /** It asks for other topics with this very request. */
  readonly hasNewSubscription: boolean
}

/**
 * Brings a member one step closer to its target, and times it while it has partitions to give up.
 * @param member as the draft's group has it.
 * @returns the member after that; the same one when nothing changed.
 * @throws KafkaError FENCED_MEMBER_EPOCH, see `reconciled`.
 */
export function advance(draft: Draft, member: ConsumerMember, progress: Progress): ConsumerMember {
  const { group, world } = draft
  const { groupId, targetEpoch, holders } = group
  if (!progress.hasNewSubscription && isReconciled(member, targetEpoch)) return member
  const next = reconciled(member, {
    targetEpoch,
    target: group.target.get(member.memberId) ?? NO_ASSIGNMENT,
    isSubscribed: subscriptionOf(group, member, world.image),
    isHeld: (topicId, partition) => holders.has(partitionKey(topicId, partition)),
    ...progress,
  })
  if (isSame(next, member)) return member
  draft.append(currentRecord(groupId, next))
  if (next.classic === null) {
    const mustRevoke = next.state === 'unrevoked-partitions'
    draft.push(
      mustRevoke
        ? limitRevocation(groupId, next, world)
        : cancelTimer(groupId, next.memberId, 'revocation'),
    )
  }
  return next
}

/** Whether two have come equally far. */
function isSame(a: ConsumerMember, b: ConsumerMember): boolean {
  return (
    a.memberEpoch === b.memberEpoch &&
    a.previousMemberEpoch === b.previousMemberEpoch &&
    a.state === b.state &&
    sameHeld(a.assigned, b.assigned) &&
    sameHeld(a.pendingRevocation, b.pendingRevocation)
  )
}
