import { KafkaError } from '../../protocol/errors.ts'
import {
  type Assignment,
  type ConsumerMember,
  type HeldPartitions,
  type MemberState,
  NO_PARTITIONS,
} from './group.ts'
import { holdsAny, type NamedPartitions } from './partitions.ts'

/*
 *                       keeps what it has of the target,          takes what is free,
 *                       must give the rest up                     now in the target's epoch
 *   stable ────────────▶ unrevoked-partitions ──confirms──┬──▶ stable            all of it was free
 *      │                    (epoch unchanged)             └──▶ unreleased-partitions   others hold some
 *      └── nothing to give up ───────────────────────────▲            │
 *                                                        └────────────┘ each heartbeat tries again
 */

/** What a member's way to its target depends on. */
export interface Reconciliation {
  readonly targetEpoch: number
  readonly target: Assignment
  readonly isSubscribed: (topicId: string) => boolean
  /** Whether any member has it, this one included. */
  readonly isHeld: (topicId: string, partition: number) => boolean
  /** The member asks for other topics with this very heartbeat. */
  readonly hasNewSubscription: boolean
  /** What the member says it holds; null: as it said before. */
  readonly owned: NamedPartitions | null
}

/**
 * Brings a member one step closer to its target. It is given a partition only when nobody else has
 * it, and goes on to the next epoch only when it has confirmed that it gave up what it must.
 * @returns `member` itself when there is no step to take.
 * @throws KafkaError FENCED_MEMBER_EPOCH for a member in an unknown state that holds anything.
 */
export function reconciled(member: ConsumerMember, way: Reconciliation): ConsumerMember {
  switch (member.state) {
    case 'stable':
      if (member.memberEpoch !== way.targetEpoch) return nextAssignment(member, way)
      return way.hasNewSubscription ? withoutUnsubscribed(member, way) : member
    case 'unrevoked-partitions':
      if (!mayHold(member.pendingRevocation, way.owned)) return nextAssignment(member, way)
      return way.hasNewSubscription ? withoutUnsubscribed(member, way) : member
    case 'unreleased-partitions':
      return nextAssignment(member, way)
    case 'unknown':
      if (way.owned?.length === 0) return nextAssignment(member, way, way.targetEpoch)
      throw new KafkaError(
        'FENCED_MEMBER_EPOCH',
        `the state of member ${member.memberId} is not known: give up all partitions and join again`,
      )
  }
}

/** Whether a member that says it holds `owned` may hold some of these. */
function mayHold(held: HeldPartitions, owned: NamedPartitions | null): boolean {
  return owned === null || holdsAny(held, owned)
}

/** @param epoch that the member stays in while it has partitions to give up. */
function nextAssignment(
  member: ConsumerMember,
  way: Reconciliation,
  epoch: number = member.memberEpoch,
): ConsumerMember {
  const { kept, revoked, added, mustWait } = compare(member, way)
  if (revoked.size > 0 && mayHold(revoked, way.owned)) {
    return inEpoch(member, epoch, {
      state: 'unrevoked-partitions',
      assigned: kept,
      pendingRevocation: revoked,
    })
  }
  return inEpoch(member, way.targetEpoch, {
    state: mustWait ? 'unreleased-partitions' : 'stable',
    assigned: withAdded(kept, added, way.targetEpoch),
    pendingRevocation: NO_PARTITIONS,
  })
}

interface Comparison {
  /** Held, and in the target. */
  readonly kept: HeldPartitions
  /** Held, and not in the target. */
  readonly revoked: HeldPartitions
  /** In the target, and free. */
  readonly added: Assignment
  /** Something in the target is not free. */
  readonly mustWait: boolean
}

function compare(member: ConsumerMember, way: Reconciliation): Comparison {
  const kept = new Map<string, Map<number, number>>()
  const revoked = new Map<string, Map<number, number>>()
  const added = new Map<string, readonly number[]>()
  let mustWait = false
  for (const topicId of new Set([...way.target.keys(), ...member.assigned.keys()])) {
    const target = way.isSubscribed(topicId) ? (way.target.get(topicId) ?? []) : []
    const held = member.assigned.get(topicId) ?? NONE_HELD
    const wanted = new Set(target)
    const keep = new Map<number, number>()
    const revoke = new Map<number, number>()
    for (const [partition, epoch] of held) {
      const side = wanted.has(partition) ? keep : revoke
      side.set(partition, epoch)
    }
    const missing = target.filter((partition) => !keep.has(partition))
    const free = missing.filter(
      (partition) =>
        member.pendingRevocation.get(topicId)?.has(partition) || !way.isHeld(topicId, partition),
    )
    mustWait ||= free.length < missing.length
    if (keep.size > 0) kept.set(topicId, keep)
    if (revoke.size > 0) revoked.set(topicId, revoke)
    if (free.length > 0) added.set(topicId, free)
  }
  return { kept, revoked, added, mustWait }
}

const NONE_HELD: ReadonlyMap<number, number> = new Map()

function withAdded(kept: HeldPartitions, added: Assignment, epoch: number): HeldPartitions {
  const all = new Map(kept)
  for (const [topicId, partitions] of added) {
    const given = partitions.map((partition) => [partition, epoch] as const)
    all.set(topicId, new Map([...(kept.get(topicId) ?? []), ...given]))
  }
  return all
}

/** A member that no longer subscribes to a topic gives it up at once, before there is a new target. */
function withoutUnsubscribed(member: ConsumerMember, way: Reconciliation): ConsumerMember {
  const assigned = new Map<string, ReadonlyMap<number, number>>()
  const pendingRevocation = new Map(member.pendingRevocation)
  for (const [topicId, held] of member.assigned) {
    if (way.isSubscribed(topicId)) assigned.set(topicId, held)
    else
      pendingRevocation.set(topicId, new Map([...(pendingRevocation.get(topicId) ?? []), ...held]))
  }
  if (assigned.size === member.assigned.size) return member
  if (mayHold(pendingRevocation, way.owned)) {
    const state = 'unrevoked-partitions'
    return inEpoch(member, member.memberEpoch, { state, assigned, pendingRevocation })
  }
  return inEpoch(member, member.memberEpoch, { assigned })
}

interface Step {
  readonly state?: MemberState
  readonly assigned: HeldPartitions
  readonly pendingRevocation?: HeldPartitions
}

function inEpoch(member: ConsumerMember, epoch: number, step: Step): ConsumerMember {
  return { ...member, previousMemberEpoch: member.memberEpoch, memberEpoch: epoch, ...step }
}
