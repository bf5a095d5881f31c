import { KafkaError } from '../../protocol/errors.ts'
import type { Draft } from './draft.ts'
import {
  type ConsumerGroup,
  type ConsumerMember,
  JOINS,
  LEFT_FOR_NOW,
  NO_ASSIGNMENT,
  newMember,
} from './group.ts'
import { holdsAll, type NamedPartitions } from './partitions.ts'
import { currentRecord, memberRecord, memberTargetRecord, memberTombstones } from './records.ts'
import { cancelTimers } from './timers.ts'

/** What a heartbeat, or a JoinGroup, says of who sends it. */
export interface Sender {
  readonly memberId: string
  readonly instanceId: string | null
  /** May become a member by this. */
  readonly mayJoin: boolean
  /** undefined: speaks the classic protocol, whose generations are checked elsewhere. */
  readonly claim: { readonly epoch: number; readonly owned: NamedPartitions | null } | undefined
}

/**
 * Finds the member that sends a request, or begins a new one. A static member that comes back takes
 * the place of the one it was, with all that one had (appended).
 * @throws KafkaError UNKNOWN_MEMBER_ID, FENCED_MEMBER_EPOCH, FENCED_INSTANCE_ID or
 *   UNRELEASED_INSTANCE_ID.
 */
export function memberOf(draft: Draft, sender: Sender): ConsumerMember {
  return sender.instanceId === null
    ? dynamicMember(draft.group, sender)
    : staticMember(draft, sender, sender.instanceId)
}

function dynamicMember(group: ConsumerGroup, sender: Sender): ConsumerMember {
  const member =
    group.members.get(sender.memberId) ?? (sender.mayJoin ? newMember(sender.memberId) : undefined)
  if (member === undefined) throw unknownMember(group, sender.memberId)
  checkClaim(member, sender)
  return member
}

function staticMember(draft: Draft, sender: Sender, instanceId: string): ConsumerMember {
  const { group } = draft
  const known = memberOfInstance(group, instanceId)
  if (!sender.mayJoin) {
    const member = requireInstance(known, sender.memberId, instanceId)
    checkClaim(member, sender)
    return member
  }
  if (known === undefined) return group.members.get(sender.memberId) ?? newMember(sender.memberId)
  const speakConsumer = sender.claim !== undefined && known.classic === null
  if (speakConsumer && known.memberEpoch !== LEFT_FOR_NOW) {
    throw new KafkaError(
      'UNRELEASED_INSTANCE_ID',
      `instance id ${instanceId} still belongs to member ${known.memberId}`,
    )
  }
  return replaceMember(draft, known, sender.memberId)
}

/** @returns the member of a group instance id, undefined when nobody has it. */
export function memberOfInstance(
  group: ConsumerGroup,
  instanceId: string | null,
): ConsumerMember | undefined {
  const memberId = instanceId === null ? undefined : group.staticMembers.get(instanceId)
  return memberId === undefined ? undefined : group.members.get(memberId)
}

/**
 * @param member that has the instance id.
 * @throws KafkaError UNKNOWN_MEMBER_ID when nobody has it, FENCED_INSTANCE_ID when another has.
 */
export function requireInstance(
  member: ConsumerMember | undefined,
  memberId: string,
  instanceId: string,
): ConsumerMember {
  if (member === undefined) {
    throw new KafkaError('UNKNOWN_MEMBER_ID', `no member has instance id ${instanceId}`)
  }
  if (member.memberId === memberId) return member
  throw new KafkaError(
    'FENCED_INSTANCE_ID',
    `instance id ${instanceId} of member ${memberId} was taken over by ${member.memberId}`,
  )
}

/** The error for a member that the group does not have. */
export function unknownMember(group: ConsumerGroup, memberId: string): KafkaError {
  const detail = `group ${group.groupId} has no member ${memberId}`
  return new KafkaError('UNKNOWN_MEMBER_ID', detail)
}

/**
 * A member may be one answer behind: it is believed when it holds nothing but what it was given since.
 * @throws KafkaError FENCED_MEMBER_EPOCH
 */
function checkClaim(member: ConsumerMember, { claim }: Sender): void {
  if (claim === undefined || claim.epoch === JOINS || claim.epoch === member.memberEpoch) return
  const missedAnAnswer =
    claim.epoch < member.memberEpoch &&
    claim.epoch === member.previousMemberEpoch &&
    claim.owned !== null &&
    holdsAll(member.assigned, claim.owned)
  if (missedAnAnswer) return
  throw new KafkaError(
    'FENCED_MEMBER_EPOCH',
    `member epoch ${claim.epoch} is not the current ${member.memberEpoch} of ${member.memberId}: give up all partitions and join again`,
  )
}

/** Lets the same instance go on under another member id. It begins anew in epoch 0. */
function replaceMember(draft: Draft, known: ConsumerMember, memberId: string): ConsumerMember {
  const { groupId } = draft.group
  const target = draft.group.target.get(known.memberId) ?? NO_ASSIGNMENT
  const member = { ...known, memberId, memberEpoch: JOINS, previousMemberEpoch: 0 }
  for (const record of memberTombstones(groupId, known.memberId)) draft.append(record)
  draft.push(...cancelTimers(groupId, known.memberId))
  draft.append(memberRecord(groupId, member))
  draft.append(memberTargetRecord(groupId, memberId, target))
  draft.append(currentRecord(groupId, member))
  return member
}
