import type { ClusterImage } from '../../metadata/image.ts'
import type { consumerGroupDescribe } from '../../protocol/api/69-consumer-group-describe.ts'
import type { ResponseInput } from '../../protocol/schema.ts'
import type { GroupWorld } from '../world.ts'
import {
  type Assignment,
  type ConsumerGroup,
  type ConsumerMember,
  isReconciled,
  NO_ASSIGNMENT,
} from './group.ts'
import { assignorName } from './target.ts'

/** How tools and listings name the state of a consumer group. `Dead` is for groups that are not there. */
export type ConsumerGroupState = 'Empty' | 'Assigning' | 'Reconciling' | 'Stable'

/** The state of a group: looks at each member. */
export function consumerStateOf(group: ConsumerGroup): ConsumerGroupState {
  if (group.members.size === 0) return 'Empty'
  if (group.epoch > group.targetEpoch) return 'Assigning'
  for (const member of group.members.values()) {
    if (!isReconciled(member, group.targetEpoch)) return 'Reconciling'
  }
  return 'Stable'
}

type DescribedGroup = ResponseInput<typeof consumerGroupDescribe>['groups'][number]
type DescribedMember = DescribedGroup['members'][number]
type DescribedPartitions = DescribedMember['assignment']['topicPartitions']

/** A group as ConsumerGroupDescribe answers it. Topics that are gone are left out. */
export function describeConsumer(group: ConsumerGroup, world: GroupWorld): DescribedGroup {
  return {
    errorCode: 0,
    groupId: group.groupId,
    groupState: consumerStateOf(group),
    groupEpoch: group.epoch,
    assignmentEpoch: group.targetEpoch,
    assignorName: assignorName(group, world),
    members: [...group.members.values()].map((member) => {
      return describeMember(member, group.target.get(member.memberId), world.image)
    }),
  }
}

function describeMember(
  member: ConsumerMember,
  target: Assignment | undefined,
  image: ClusterImage,
): DescribedMember {
  return {
    memberId: member.memberId,
    instanceId: member.instanceId,
    rackId: member.rackId,
    memberEpoch: member.memberEpoch,
    clientId: member.clientId,
    clientHost: member.clientHost,
    subscribedTopicNames: member.subscribedTopicNames,
    subscribedTopicRegex: member.subscribedTopicRegex,
    assignment: { topicPartitions: named(heldBy(member), image) },
    targetAssignment: { topicPartitions: named(target ?? NO_ASSIGNMENT, image) },
    memberType: member.classic === null ? 1 : 0,
  }
}

/** What a member holds, what it was told to give up included. */
function heldBy(member: ConsumerMember): Assignment {
  const held = new Map<string, number[]>()
  for (const side of [member.assigned, member.pendingRevocation]) {
    for (const [topicId, epochs] of side) {
      held.set(topicId, [...(held.get(topicId) ?? []), ...epochs.keys()])
    }
  }
  return held
}

function named(assignment: Assignment, image: ClusterImage): DescribedPartitions {
  return [...assignment].flatMap(([topicId, partitions]) => {
    const topic = image.topicsById.get(topicId)
    const inOrder = [...partitions].sort((a, b) => a - b)
    return topic === undefined ? [] : [{ topicId, topicName: topic.name, partitions: inOrder }]
  })
}
