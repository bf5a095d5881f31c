import { assert } from '../../kernel/assert.ts'
import type { ClusterImage } from '../../metadata/image.ts'
import { assignors } from '../assignors/all.ts'
import type { Assignor, AssignorInput, MemberSubscription } from '../assignors/assignor.ts'
import { asKafkaWalks } from '../assignors/walk.ts'
import type { GroupWorld } from '../world.ts'
import type { Draft } from './draft.ts'
import { type ConsumerGroup, type ConsumerMember, NO_ASSIGNMENT } from './group.ts'
import { sameAssignment } from './partitions.ts'
import { memberTargetRecord, targetRecord } from './records.ts'
import { isHomogeneous, subscribedTopicIds } from './subscription.ts'

/**
 * Computes a new target when the group is in a later epoch than its target, but not sooner after the
 * last one than `consumer.assignment.interval.ms`: so members that join together are assigned
 * together. Until then the old target stands, and the next heartbeat looks again. Only what changed
 * is appended.
 * @param speaker member id whose request this is.
 */
export function updateTarget(draft: Draft, speaker: string | undefined): void {
  const { group, before, world } = draft
  if (group.targetEpoch >= group.epoch || !mayAssign(group, world)) return
  const isNew = speaker !== undefined && !before.members.has(speaker)
  const input = assignorInput(group, world.image, isNew ? speaker : undefined)
  const result = chosenAssignor(group, world, speaker).assign(input)
  for (const [memberId, target] of result) {
    const known = group.target.get(memberId)
    if (known !== undefined && sameAssignment(known, target)) continue
    draft.append(memberTargetRecord(group.groupId, memberId, target))
  }
  draft.append(targetRecord(group.groupId, group.epoch, world.nowMs))
}

/** A target of the future, by a clock that was set back since, does not hold the next one up. */
function mayAssign({ groupId, targetTimestampMs }: ConsumerGroup, world: GroupWorld): boolean {
  const intervalMs = world.groupConfig(groupId)['consumer.assignment.interval.ms']
  const sinceMs = world.nowMs - targetTimestampMs
  return targetTimestampMs === 0 || sinceMs < 0 || sinceMs >= intervalMs
}

function chosenAssignor(
  group: ConsumerGroup,
  world: GroupWorld,
  speaker: string | undefined,
): Assignor {
  const name = assignorName(group, world, speaker)
  const assignor = assignors[name]
  assert(assignor !== undefined, `group.consumer.assignors offers ${name}, which there is not`)
  return assignor
}

/**
 * The assignor that most members ask for, the broker's first when none asks. Of equals, as in Kafka,
 * that of the member whose request this is if nobody else asks for it, else the first in the order of
 * Kafka's table of votes.
 */
export function assignorName(
  group: ConsumerGroup,
  { broker }: GroupWorld,
  speaker?: string,
): string {
  const offered = broker['group.consumer.assignors']
  const votes = new Map<string, number>()
  for (const { serverAssignor } of group.members.values()) {
    if (serverAssignor === null || !offered.includes(serverAssignor)) continue
    votes.set(serverAssignor, (votes.get(serverAssignor) ?? 0) + 1)
  }
  const most = Math.max(0, ...votes.values())
  const winners = asKafkaWalks(votes.keys()).filter((name) => votes.get(name) === most)
  const own = speaker === undefined ? null : (group.members.get(speaker)?.serverAssignor ?? null)
  if (own !== null && most === 1 && winners.includes(own)) return own
  return winners[0] ?? offered[0]!
}

/** @param newcomer member id that nobody had before: assignors see it last. */
function assignorInput(
  group: ConsumerGroup,
  image: ClusterImage,
  newcomer: string | undefined,
): AssignorInput {
  return {
    members: subscriptions(group, image, newcomer),
    isHomogeneous: isHomogeneous(group),
    holderOf: targetHolders(group),
    partitionCountOf: (topicId) => image.topicsById.get(topicId)?.partitions.length,
    racksOf: (topicId, partition) => racksOf(image, topicId, partition),
  }
}

function subscriptions(
  group: ConsumerGroup,
  image: ClusterImage,
  newcomer: string | undefined,
): ReadonlyMap<string, MemberSubscription> {
  const known = [...group.members.keys()].filter((memberId) => memberId !== newcomer)
  const order = asKafkaWalks(known)
  const bySubscription = new Map<string, ReadonlySet<string>>()
  const topicIdsOf = (member: ConsumerMember): ReadonlySet<string> => {
    const key = JSON.stringify([member.subscribedTopicNames, member.subscribedTopicRegex])
    const topicIds = bySubscription.get(key) ?? subscribedTopicIds(group, member, image)
    bySubscription.set(key, topicIds)
    return topicIds
  }
  const subscriptionOf = (memberId: string): [string, MemberSubscription] => {
    const member = group.members.get(memberId)!
    const { rackId, instanceId } = member
    const assigned = group.target.get(memberId) ?? NO_ASSIGNMENT
    return [memberId, { rackId, instanceId, topicIds: topicIdsOf(member), assigned }]
  }
  return new Map([...order, ...(newcomer === undefined ? [] : [newcomer])].map(subscriptionOf))
}

/** Member of each partition in the target so far. */
function targetHolders(group: ConsumerGroup): AssignorInput['holderOf'] {
  const holders = new Map<string, Map<number, string>>()
  for (const [memberId, target] of group.target) {
    for (const [topicId, partitions] of target) {
      const ofTopic = holders.get(topicId) ?? new Map<number, string>()
      holders.set(topicId, ofTopic)
      for (const partition of partitions) ofTopic.set(partition, memberId)
    }
  }
  return (topicId, partition) => holders.get(topicId)?.get(partition)
}

function racksOf(image: ClusterImage, topicId: string, partition: number): ReadonlySet<string> {
  const racks = new Set<string>()
  for (const id of image.topicsById.get(topicId)?.partitions[partition]?.replicas ?? []) {
    const rack = image.brokers.get(id)?.rack
    if (rack) racks.add(rack)
  }
  return racks
}
