/** `__consumer_offsets`: share groups (KIP-932). */

import {
  array,
  bigint64,
  field,
  int8,
  int32,
  int64,
  message,
  nullable,
  string,
  tagged,
  uuid,
} from '../schema.ts'

/** A member of a share group (KIP-932). A tombstone: it has left. */
export const shareGroupMemberMetadataKey = message({
  key: 10,
  name: 'ShareGroupMemberMetadataKey',
  versions: '0',
  flexible: 'none',
  fields: {
    groupId: field(string),
    memberId: field(string),
  },
})

/** What a member of a share group said about itself. */
export const shareGroupMemberMetadataValue = message({
  key: 10,
  name: 'ShareGroupMemberMetadataValue',
  versions: '0',
  flexible: '0+',
  fields: {
    rackId: field(nullable(string)),
    clientId: field(string),
    clientHost: field(string),
    subscribedTopicNames: field(array(string)),
  },
})

/** A share group. A tombstone deletes it. */
export const shareGroupMetadataKey = message({
  key: 11,
  name: 'ShareGroupMetadataKey',
  versions: '0',
  flexible: 'none',
  fields: {
    groupId: field(string),
  },
})

/** The epoch of a share group, which rises when a new assignment is needed. */
export const shareGroupMetadataValue = message({
  key: 11,
  name: 'ShareGroupMetadataValue',
  versions: '0',
  flexible: '0+',
  fields: {
    epoch: field(int32),
    /** As in consumer groups. */
    metadataHash: field(bigint64),
  },
})

/** The target assignment of a share group. */
export const shareGroupTargetAssignmentMetadataKey = message({
  key: 12,
  name: 'ShareGroupTargetAssignmentMetadataKey',
  versions: '0',
  flexible: 'none',
  fields: {
    groupId: field(string),
  },
})

/** For which group epoch the target assignment was computed. */
export const shareGroupTargetAssignmentMetadataValue = message({
  key: 12,
  name: 'ShareGroupTargetAssignmentMetadataValue',
  versions: '0',
  flexible: '0+',
  fields: {
    assignmentEpoch: field(int32),
    assignmentTimestamp: tagged(0, int64, '0+', 0),
  },
})

/** The target of one member of a share group. */
export const shareGroupTargetAssignmentMemberKey = message({
  key: 13,
  name: 'ShareGroupTargetAssignmentMemberKey',
  versions: '0',
  flexible: 'none',
  fields: {
    groupId: field(string),
    memberId: field(string),
  },
})

/** The partitions a member of a share group shall have. */
export const shareGroupTargetAssignmentMemberValue = message({
  key: 13,
  name: 'ShareGroupTargetAssignmentMemberValue',
  versions: '0',
  flexible: '0+',
  fields: {
    topicPartitions: field(
      array({
        topicId: field(uuid),
        partitions: field(array(int32)),
      }),
    ),
  },
})

/** What one member of a share group has now. */
export const shareGroupCurrentMemberAssignmentKey = message({
  key: 14,
  name: 'ShareGroupCurrentMemberAssignmentKey',
  versions: '0',
  flexible: 'none',
  fields: {
    groupId: field(string),
    memberId: field(string),
  },
})

const topicPartitions = {
  topicId: field(uuid),
  partitions: field(array(int32)),
}

/** The assignment a member of a share group was last told. */
export const shareGroupCurrentMemberAssignmentValue = message({
  key: 14,
  name: 'ShareGroupCurrentMemberAssignmentValue',
  versions: '0',
  flexible: '0+',
  fields: {
    memberEpoch: field(int32),
    previousMemberEpoch: field(int32),
    state: field(int8),
    assignedPartitions: field(array(topicPartitions)),
  },
})

/** For which partitions a share group has stored state. */
export const shareGroupStatePartitionMetadataKey = message({
  key: 15,
  name: 'ShareGroupStatePartitionMetadataKey',
  versions: '0',
  flexible: 'none',
  fields: {
    groupId: field(string),
  },
})

const topicPartitionsInfo = {
  topicId: field(uuid),
  topicName: field(string),
  partitions: field(array(int32)),
}

const topicInfo = {
  topicId: field(uuid),
  topicName: field(string),
}

/** How far the state of each topic of a share group is: coming, there, or going. */
export const shareGroupStatePartitionMetadataValue = message({
  key: 15,
  name: 'ShareGroupStatePartitionMetadataValue',
  versions: '0',
  flexible: '0+',
  fields: {
    initializingTopics: field(array(topicPartitionsInfo)),
    initializedTopics: field(array(topicPartitionsInfo)),
    deletingTopics: field(array(topicInfo)),
  },
})
