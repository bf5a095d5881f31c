import { KafkaError } from '../../protocol/errors.ts'
import type { ClassicSide, ConsumerGroup, ConsumerMember } from '../consumer/group.ts'
import { memberOfInstance, requireInstance, unknownMember } from '../consumer/sender.ts'
import { cancelTimer, keepSession, timerKey } from '../consumer/timers.ts'
import type { GroupEffect, GroupWorld } from '../world.ts'

/** A member that speaks the classic protocol. */
export type ClassicConsumer = ConsumerMember & { readonly classic: ClassicSide }

/** Who sends a request in a generation. */
interface Sender {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly generationId: number
}

/**
 * The member that sends a request.
 * @throws KafkaError UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, or ILLEGAL_GENERATION for a generation that
 *   is not its member epoch.
 */
export function classicSender(
  group: ConsumerGroup,
  { memberId, groupInstanceId, generationId }: Sender,
): ClassicConsumer {
  const member = knownMember(group, memberId, groupInstanceId)
  const { classic, memberEpoch } = member
  if (classic === null) {
    const detail = `member ${memberId} does not speak the classic protocol`
    throw new KafkaError('UNKNOWN_MEMBER_ID', detail)
  }
  if (memberEpoch !== generationId) {
    const detail = `member ${memberId} is in epoch ${memberEpoch}, not in generation ${generationId}`
    throw new KafkaError('ILLEGAL_GENERATION', detail)
  }
  return { ...member, classic }
}

/** @throws KafkaError UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID. */
export function knownMember(
  group: ConsumerGroup,
  memberId: string,
  instanceId: string | null,
): ConsumerMember {
  if (instanceId !== null) {
    return requireInstance(memberOfInstance(group, instanceId), memberId, instanceId)
  }
  const member = group.members.get(memberId)
  if (member === undefined) throw unknownMember(group, memberId)
  return member
}

/** The member lives. */
export function keepClassicSession(
  groupId: string,
  { memberId, classic }: ClassicConsumer,
  world: GroupWorld,
): GroupEffect {
  return keepSession(groupId, memberId, world, classic.sessionTimeoutMs)
}

/** The member was told to join, and has its rebalance timeout to do so: the time runs from when it was
 *  told first. */
export function limitJoin(
  groupId: string,
  { memberId, rebalanceTimeoutMs }: ConsumerMember,
  world: GroupWorld,
): GroupEffect {
  return {
    type: 'timer',
    key: timerKey(groupId, memberId, 'classic-join'),
    dueMs: world.monotonicMs + rebalanceTimeoutMs,
    event: { type: 'consumer-classic-join-over', groupId, memberId },
    unlessRunning: true,
  }
}

/** The member has joined, and must ask for its assignment in time. */
export function limitSync(
  groupId: string,
  memberId: string,
  timeoutMs: number,
  world: GroupWorld,
): readonly GroupEffect[] {
  return [
    cancelTimer(groupId, memberId, 'classic-join'),
    {
      type: 'timer',
      key: timerKey(groupId, memberId, 'classic-sync'),
      dueMs: world.monotonicMs + timeoutMs,
      event: { type: 'consumer-classic-sync-over', groupId, memberId },
    },
  ]
}
