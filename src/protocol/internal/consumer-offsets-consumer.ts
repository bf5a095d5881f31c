import {
  array,
  bigint64,
  bytes,
  field,
  int8,
  int32,
  int64,
  message,
  nullable,
  string,
  struct,
  tagged,
  uuid,
} from '../schema.ts'

export const consumerGroupMetadataKey = message({
  key: 3,
  name: 'ConsumerGroupMetadataKey',
  versions: '0',
  flexible: 'none',
  fields: {
    groupId: field(string),
  },
})

export const consumerGroupMetadataValue = message({
  key: 3,
  name: 'ConsumerGroupMetadataValue',
  versions: '0',
  flexible: '0+',
  fields: {
    epoch: field(int32),
    metadataHash: tagged(0, bigint64, '0+', 0n),
  },
})

export const consumerGroupPartitionMetadataKey = message({
  key: 4,
  name: 'ConsumerGroupPartitionMetadataKey',
  versions: '0',
  flexible: 'none',
  fields: {
    groupId: field(string),
  },
})

export const consumerGroupPartitionMetadataValue = message({
  key: 4,
  name: 'ConsumerGroupPartitionMetadataValue',
  versions: '0',
  flexible: '0+',
  fields: {
    topics: field(
      array({
        topicId: field(uuid),
        topicName: field(string),
        numPartitions: field(int32),
        partitionMetadata: field(
          array({
            partition: field(int32),
            racks: field(array(string)),
          }),
        ),
      }),
    ),
  },
})

export const consumerGroupMemberMetadataKey = message({
  key: 5,
  name: 'ConsumerGroupMemberMetadataKey',
  versions: '0',
  flexible: 'none',
  fields: {
    groupId: field(string),
    memberId: field(string),
  },
})

export const consumerGroupMemberMetadataValue = message({
  key: 5,
  name: 'ConsumerGroupMemberMetadataValue',
  versions: '0',
  flexible: '0+',
  fields: {
    instanceId: field(nullable(string)),
    rackId: field(nullable(string)),
    clientId: field(string),
    clientHost: field(string),
    subscribedTopicNames: field(array(string)),
    subscribedTopicRegex: field(nullable(string)),
    rebalanceTimeoutMs: field(int32, '0+', -1),
    serverAssignor: field(nullable(string)),
    classicMemberMetadata: tagged(
      0,
      nullable(
        struct({
          sessionTimeoutMs: field(int32),
          supportedProtocols: field(
            array({
              name: field(string),
              metadata: field(bytes),
            }),
          ),
        }),
      ),
    ),
  },
})

export const consumerGroupTargetAssignmentMetadataKey = message({
  key: 6,
  name: 'ConsumerGroupTargetAssignmentMetadataKey',
  versions: '0',
  flexible: 'none',
  fields: {
    groupId: field(string),
  },
})

export const consumerGroupTargetAssignmentMetadataValue = message({
  key: 6,
  name: 'ConsumerGroupTargetAssignmentMetadataValue',
  versions: '0',
  flexible: '0+',
  fields: {
    assignmentEpoch: field(int32),
    assignmentTimestamp: tagged(0, int64, '0+', 0),
  },
})

export const consumerGroupTargetAssignmentMemberKey = message({
  key: 7,
  name: 'ConsumerGroupTargetAssignmentMemberKey',
  versions: '0',
  flexible: 'none',
  fields: {
    groupId: field(string),
    memberId: field(string),
  },
})

export const consumerGroupTargetAssignmentMemberValue = message({
  key: 7,
  name: 'ConsumerGroupTargetAssignmentMemberValue',
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

export const consumerGroupCurrentMemberAssignmentKey = message({
  key: 8,
  name: 'ConsumerGroupCurrentMemberAssignmentKey',
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
  assignmentEpochs: tagged(0, nullable(array(int32))),
}

export const consumerGroupCurrentMemberAssignmentValue = message({
  key: 8,
  name: 'ConsumerGroupCurrentMemberAssignmentValue',
  versions: '0',
  flexible: '0+',
  fields: {
    memberEpoch: field(int32),
    previousMemberEpoch: field(int32),
    state: field(int8),
    assignedPartitions: field(array(topicPartitions)),
    partitionsPendingRevocation: field(array(topicPartitions)),
  },
})

export const consumerGroupRegularExpressionKey = message({
  key: 16,
  name: 'ConsumerGroupRegularExpressionKey',
  versions: '0',
  flexible: 'none',
  fields: {
    groupId: field(string),
    regularExpression: field(string),
  },
})

export const consumerGroupRegularExpressionValue = message({
  key: 16,
  name: 'ConsumerGroupRegularExpressionValue',
  versions: '0',
  flexible: '0+',
  fields: {
    topics: field(array(string)),
    version: field(int64),
    timestamp: field(int64),
  },
})
