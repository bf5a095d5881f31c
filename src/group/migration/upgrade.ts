import type { Ticket } from '../../coordinator/machine.ts'
import type { ClusterImage } from '../../metadata/image.ts'
import { KafkaError } from '../../protocol/errors.ts'
import { notJoined, notSynced } from '../classic/answers.ts'
import type { ClassicGroup, ClassicMember } from '../classic/group.ts'
import { CONSUMER_PROTOCOL_TYPE, metadataOf, selectProtocol } from '../classic/protocols.ts'
import { groupTombstone } from '../classic/record.ts'
import { joinKey, sessionKey, syncKey } from '../classic/timers.ts'
import { decideConsumer } from '../consumer/decide.ts'
import { withMember } from '../consumer/derived.ts'
import {
  type Assignment,
  type ConsumerGroup,
  type ConsumerMember,
  emptyConsumerGroup,
  type HeldPartitions,
  JOINS,
  newMember,
} from '../consumer/group.ts'
import { metadataHash } from '../consumer/metadata-hash.ts'
import { groupRecords } from '../consumer/records.ts'
import { namesOf } from '../consumer/said.ts'
import { keepSession } from '../consumer/timers.ts'
import type { ConsumerHeartbeatEvent } from '../events.ts'
import type { GroupRecord } from '../records.ts'
import type { GroupEffect, GroupWorld } from '../world.ts'
import { readAssignment, readSubscription } from './embedded.ts'
import { mayUpgrade } from './policy.ts'

/**
 * A member of the consumer protocol comes to a classic group. If nobody is in that, it ends, and a
 * consumer group begins. Otherwise it becomes a consumer group with all its members, who keep what
 * they have and hear by their next heartbeat whether to join again.
 * @throws KafkaError GROUP_ID_NOT_FOUND when the group may not or cannot change, or the member is
 *   none that joins; and those of `decideConsumer`.
 */
export function decideUpgrade(
  group: ClassicGroup,
  event: ConsumerHeartbeatEvent,
  ticket: Ticket,
  world: GroupWorld,
): readonly GroupEffect[] {
  const { groupId } = group
  if (event.request.memberEpoch !== JOINS) throw notFound(`${groupId} is not a consumer group`)
  if (group.phase === 'empty') {
    return [...endOf(group), ...decideConsumer(undefined, event, ticket, world)]
  }
  checkUpgrade(group, world)
  const upgraded = upgradeToConsumer(group, world.image)
  return [
    ...endOf(group),
    ...groupRecords(upgraded).map(appended),
    ...sessionsOf(group, world),
    ...decideConsumer(upgraded, event, ticket, world),
  ]
}

function checkUpgrade(group: ClassicGroup, { broker }: GroupWorld): void {
  const refuse = (why: string): never => {
    throw notFound(`cannot upgrade classic group ${group.groupId} to a consumer group: ${why}`)
  }
  const limit = broker['group.consumer.max.size']
  if (!mayUpgrade(broker)) refuse('online upgrade is disabled')
  if (group.protocolType !== CONSUMER_PROTOCOL_TYPE) refuse(`its members are no consumers`)
  if (group.members.size > limit) refuse(`it has ${group.members.size} of at most ${limit} members`)
}

/**
 * The consumer group that a classic one becomes: everybody is where its generation put it, which is
 * the target of an epoch of that number.
 * @throws KafkaError GROUP_ID_NOT_FOUND when what its members tell each other cannot be read, or would
 *   be lost.
 */
export function upgradeToConsumer(group: ClassicGroup, image: ClusterImage): ConsumerGroup {
  const { groupId, generation } = group
  // Members that have not agreed yet are taken for what they would agree on.
  const protocolName = group.protocolName ?? selectProtocol(group)
  const targets = new Map<string, Assignment>()
  let upgraded = emptyConsumerGroup(groupId)
  for (const member of group.members.values()) {
    const target = assignmentOf(group, member, image)
    targets.set(member.memberId, target)
    const consumer = consumerMember(group, member, protocolName, target)
    upgraded = withMember(upgraded, undefined, consumer)
  }
  return {
    ...upgraded,
    epoch: generation,
    metadataHash: metadataHash(upgraded.topicSubscribers.keys(), image),
    targetEpoch: generation,
    target: upgraded.target.with(targets),
  }
}

function assignmentOf(group: ClassicGroup, member: ClassicMember, image: ClusterImage): Assignment {
  const { assignment, hasUserData } = readable(group, () =>
    readAssignment(member.assignment, image),
  )
  if (hasUserData) throw notFound(`group ${group.groupId} uses an assignor of its own`)
  return assignment
}

function consumerMember(
  group: ClassicGroup,
  member: ClassicMember,
  protocolName: string,
  target: Assignment,
): ConsumerMember {
  const metadata = metadataOf(member, protocolName)
  const { topics, rackId } = readable(group, () => readSubscription(metadata))
  return {
    ...newMember(member.memberId),
    instanceId: member.instanceId,
    rackId: rackId || null,
    clientId: member.clientId,
    clientHost: member.clientHost,
    rebalanceTimeoutMs: member.rebalanceTimeoutMs,
    subscribedTopicNames: namesOf(topics),
    classic: { sessionTimeoutMs: member.sessionTimeoutMs, protocols: member.protocols },
    memberEpoch: group.generation,
    previousMemberEpoch: group.generation,
    assigned: heldSince(group.generation, target),
  }
}

function heldSince(epoch: number, target: Assignment): HeldPartitions {
  return new Map(
    [...target].map(([topicId, partitions]) => {
      return [topicId, new Map(partitions.map((partition) => [partition, epoch]))]
    }),
  )
}

function readable<T>({ groupId }: ClassicGroup, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error
    throw notFound(`members of group ${groupId} do not speak the consumers' format: ${error}`)
  }
}

/** Nothing of the classic group goes on: who waits has to join again, and no timer runs. */
function endOf(group: ClassicGroup): readonly GroupEffect[] {
  const { groupId } = group
  const members = [...group.members.values()]
  const watched = [...group.members.keys(), ...group.pendingJoin]
  return [
    appended(groupTombstone(groupId)),
    ...members.flatMap(sentAway),
    ...[joinKey(groupId), syncKey(groupId), ...watched.map((id) => sessionKey(groupId, id))].map(
      (key) => ({ type: 'cancel-timer', key }) as const,
    ),
  ]
}

function sentAway({ memberId, joining, syncing }: ClassicMember): readonly GroupEffect[] {
  const error = 'REBALANCE_IN_PROGRESS'
  const replies: GroupEffect[] = []
  if (joining !== undefined)
    replies.push({ type: 'reply', to: joining, answer: notJoined(error, memberId) })
  if (syncing !== undefined) replies.push({ type: 'reply', to: syncing, answer: notSynced(error) })
  return replies
}

function sessionsOf({ groupId, members }: ClassicGroup, world: GroupWorld): readonly GroupEffect[] {
  return [...members.values()].map(({ memberId, sessionTimeoutMs }) =>
    keepSession(groupId, memberId, world, sessionTimeoutMs),
  )
}

function appended(record: GroupRecord): GroupEffect {
  return { type: 'append', record }
}

function notFound(detail: string): KafkaError {
  return new KafkaError('GROUP_ID_NOT_FOUND', detail)
}
