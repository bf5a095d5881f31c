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
  NO_ASSIGNMENT,
  newMember,
  partitionKey,
} from '../consumer/group.ts'
import { metadataHash } from '../consumer/metadata-hash.ts'
import { groupRecords } from '../consumer/records.ts'
import { namesOf } from '../consumer/said.ts'
import { keepSession } from '../consumer/timers.ts'
import type { ConsumerHeartbeatEvent } from '../events.ts'
import type { GroupRecord } from '../records.ts'
import type { GroupEffect, GroupWorld } from '../world.ts'
import { ownedPartitions, readAssignment, readSubscription, type Subscription } from './embedded.ts'
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
  if (group.protocolType !== CONSUMER_PROTOCOL_TYPE) refuse('its members are no consumers')
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
  const members = [...group.members.values()].map((member) => partOf(group, member, image))
  checkOneOwner(group, members)
  const claims = claimsOf(members, image)
  let upgraded = emptyConsumerGroup(groupId)
  const targets = new Map<string, Assignment>()
  for (const part of members) {
    const { memberId } = part.member
    const claim = claims.get(memberId) ?? NO_ASSIGNMENT
    const isAssigned = part.member.assignment.length > 0
    const target = isAssigned ? part.assignment : claim
    targets.set(memberId, target)
    const member = consumerMember(group, part, target, isAssigned ? claim : NO_ASSIGNMENT)
    upgraded = withMember(upgraded, undefined, member)
  }
  return {
    ...upgraded,
    epoch: generation,
    metadataHash: metadataHash(upgraded.topicSubscribers.keys(), image),
    targetEpoch: generation,
    target: upgraded.target.with(targets),
  }
}

/** A member with what it said to the others, and what it was given. */
interface Part {
  readonly member: ClassicMember
  readonly subscription: Subscription
  readonly assignment: Assignment
}

function partOf(group: ClassicGroup, member: ClassicMember, image: ClusterImage): Part {
  // Members that have not agreed yet are taken for what they would agree on.
  const protocolName = group.protocolName ?? selectProtocol(group)
  try {
    const subscription = readSubscription(metadataOf(member, protocolName))
    const { assignment, hasUserData } = readAssignment(member.assignment, image)
    if (hasUserData)
      throw notFound(`members of group ${group.groupId} use an assignor of their own`)
    return { member, subscription, assignment }
  } catch (error) {
    if (!(error instanceof KafkaError) || error.error === 'GROUP_ID_NOT_FOUND') throw error
    const detail = `members of group ${group.groupId} do not speak the consumers' format`
    throw new KafkaError('GROUP_ID_NOT_FOUND', `${detail}: ${error.message}`, { cause: error })
  }
}

/**
 * What members said they hold when they joined, beyond what anybody is assigned. Those who keep their
 * partitions while they join (KIP-429) may still consume from these: they were told, or will be, to
 * give them up; or a rebalance that was broken off took the assignments away, but not the partitions.
 * (Kafka forgets about them, and lets others consume the same until the members hear of it.)
 */
function claimsOf(members: readonly Part[], image: ClusterImage): ReadonlyMap<string, Assignment> {
  const taken = new Set(members.flatMap(({ assignment }) => keysOf(assignment)))
  const take = (topicId: string, partition: number): boolean => {
    const before = taken.size
    return taken.add(partitionKey(topicId, partition)).size > before
  }
  return new Map(
    members.map(({ member, subscription }) => {
      const held = ownedPartitions(subscription, image).map(({ topicId, partitions }) => {
        return [topicId, partitions.filter((partition) => take(topicId, partition))] as const
      })
      return [member.memberId, new Map(held.filter(([, partitions]) => partitions.length > 0))]
    }),
  )
}

/** Groups whose leader gives one partition to several are not for consumer groups. */
function checkOneOwner({ groupId }: ClassicGroup, members: readonly Part[]): void {
  const keys = members.flatMap(({ assignment }) => keysOf(assignment))
  if (new Set(keys).size === keys.length) return
  throw notFound(`members of group ${groupId} are assigned the same partitions`)
}

function keysOf(assignment: Assignment): readonly string[] {
  return [...assignment].flatMap(([topicId, partitions]) =>
    partitions.map((partition) => partitionKey(topicId, partition)),
  )
}

function consumerMember(
  { generation }: ClassicGroup,
  { member, subscription }: Part,
  target: Assignment,
  toGiveUp: Assignment,
): ConsumerMember {
  return {
    ...newMember(member.memberId),
    instanceId: member.instanceId,
    rackId: subscription.rackId || null,
    clientId: member.clientId,
    clientHost: member.clientHost,
    rebalanceTimeoutMs: member.rebalanceTimeoutMs,
    subscribedTopicNames: namesOf(subscription.topics),
    classic: { sessionTimeoutMs: member.sessionTimeoutMs, protocols: member.protocols },
    memberEpoch: generation,
    previousMemberEpoch: generation,
    state: toGiveUp.size > 0 ? 'unrevoked-partitions' : 'stable',
    assigned: heldSince(generation, target),
    pendingRevocation: heldSince(generation, toGiveUp),
  }
}

function heldSince(epoch: number, target: Assignment): HeldPartitions {
  return new Map(
    [...target].map(([topicId, partitions]) => {
      return [topicId, new Map(partitions.map((partition) => [partition, epoch]))]
    }),
  )
}

/** Nothing of the classic group goes on: who waits has to join again, and no timer runs. */
function endOf(group: ClassicGroup): readonly GroupEffect[] {
  const { groupId } = group
  const members = [...group.members.values()]
  const watched = [...group.members.keys(), ...group.pendingJoin.keys()]
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
