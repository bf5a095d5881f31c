import { KafkaError } from '../../protocol/errors.ts'
import type { ConsumerGroup, ConsumerMember } from './group.ts'
import { unknownMember } from './sender.ts'

/** Since this version of OffsetCommit members may commit in an epoch instead of a generation. */
const FIRST_VERSION_WITH_EPOCHS = 9

/** Who commits offsets, as the request has it. */
export interface ConsumerCommitter {
  readonly memberId: string
  readonly instanceId: string | null
  readonly memberEpoch: number
  readonly isTransactional: boolean
  readonly apiVersion: number
}

/** Looks at one partition of a commit. @throws KafkaError STALE_MEMBER_EPOCH or, to a member of the
 *  classic protocol, ILLEGAL_GENERATION: the whole commit is to be refused. */
export type PartitionCheck = (
  topic: { readonly name: string; readonly topicId: string },
  partition: number,
) => void

/** There is nothing to be looked at: the sender may commit for every partition. */
export const accept: PartitionCheck = () => {}

/**
 * Whether a member may commit. One that is behind its current epoch still may for what it has held
 * since the epoch that it names, or longer (KIP-1251): its heartbeat and its commit crossed.
 * @returns the check of each partition.
 * @throws KafkaError UNKNOWN_MEMBER_ID; UNSUPPORTED_VERSION for a member that commits like one of the
 *   classic protocol and is none; STALE_MEMBER_EPOCH or ILLEGAL_GENERATION for an epoch yet to come.
 */
export function checkConsumerCommit(
  group: ConsumerGroup,
  { memberId, instanceId, memberEpoch, isTransactional, apiVersion }: ConsumerCommitter,
): PartitionCheck {
  if (memberEpoch < 0 && group.members.size === 0) return accept
  const isNobody = memberEpoch === -1 && memberId === '' && instanceId === null
  if (isTransactional && isNobody) return accept
  const member = group.members.get(memberId)
  if (member === undefined) throw unknownMember(group, memberId)
  if (!isTransactional && member.classic === null && apiVersion < FIRST_VERSION_WITH_EPOCHS) {
    const detail = `members of the consumer protocol commit by version ${FIRST_VERSION_WITH_EPOCHS} or later, not ${apiVersion}`
    throw new KafkaError('UNSUPPORTED_VERSION', detail)
  }
  if (memberEpoch === member.memberEpoch) return accept
  if (memberEpoch > member.memberEpoch) throw outdated(member, memberEpoch)
  return ({ name, topicId }, partition) => {
    const since =
      member.assigned.get(topicId)?.get(partition) ??
      member.pendingRevocation.get(topicId)?.get(partition)
    if (since !== undefined && memberEpoch >= since) return
    throw outdated(member, memberEpoch, `${name}-${partition} is ${heldSince(since)}`)
  }
}

/**
 * Whether a member may fetch committed offsets. Callers that name no member may.
 * @throws KafkaError UNKNOWN_MEMBER_ID, STALE_MEMBER_EPOCH, ILLEGAL_GENERATION.
 */
export function checkConsumerFetch(
  group: ConsumerGroup,
  { memberId, memberEpoch }: { readonly memberId: string | null; readonly memberEpoch: number },
): void {
  if (memberId === null && memberEpoch < 0) return
  const member = memberId === null ? undefined : group.members.get(memberId)
  if (member === undefined) throw unknownMember(group, memberId ?? 'null')
  if (memberEpoch !== member.memberEpoch) throw outdated(member, memberEpoch)
}

function heldSince(epoch: number | undefined): string {
  return epoch === undefined ? 'not held' : `held since epoch ${epoch}`
}

/** The error for an epoch that is not the member's own. */
function outdated(member: ConsumerMember, memberEpoch: number, why?: string): KafkaError {
  const error = member.classic === null ? 'STALE_MEMBER_EPOCH' : 'ILLEGAL_GENERATION'
  const detail = `member ${member.memberId} is in epoch ${member.memberEpoch}, not ${memberEpoch}`
  return new KafkaError(error, why === undefined ? detail : `${detail}: ${why}`)
}
