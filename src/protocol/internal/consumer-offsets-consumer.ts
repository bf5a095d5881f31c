/** `__consumer_offsets`: groups of the consumer protocol (KIP-848). A tombstone of a key removes
 *  what it names. */

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

/** A consumer group (KIP-848). A tombstone deletes it. */
export const consumerGroupMetadataKey = message({
  key: 3,
  name: 'ConsumerGroupMetadataKey',
  versions: '0',
  flexible: 'none',
  fields: {
    groupId: field(string),
  },
})

/** The epoch of a consumer group, which rises when a new assignment is needed. */
export const consumerGroupMetadataValue = message({
  key: 3,
  name: 'ConsumerGroupMetadataValue',
  versions: '0',
  flexible: '0+',
  fields: {
    epoch: field(int32),
    /** Of the subscribed topics: another value calls for a new assignment. Uses all 64 bits. */
    metadataHash: tagged(0, bigint64, '0+', 0n),
  },
})

/** The topics a consumer group subscribes to, as Kafka 4.0 stored them; later versions only
 *  delete them. */
export const consumerGroupPartitionMetadataKey = message({
  key: 4,
  name: 'ConsumerGroupPartitionMetadataKey',
  versions: '0',
  flexible: 'none',
  fields: {
    groupId: field(string),
  },
})

/** Topics with their counts of partitions. Superseded by `metadataHash` (KIP-1101). */
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

/** A member of a consumer group. A tombstone: it has left. */
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

/** What a member of a consumer group said about itself. */
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
    /** null: speaks the consumer protocol. Always write it: left out it reads as an empty
     *  struct, a member of the classic protocol. */
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

/** The target assignment of a consumer group. */
export const consumerGroupTargetAssignmentMetadataKey = message({
  key: 6,
  name: 'ConsumerGroupTargetAssignmentMetadataKey',
  versions: '0',
  flexible: 'none',
  fields: {
    groupId: field(string),
  },
})

/** For which group epoch the target assignment was computed. */
export const consumerGroupTargetAssignmentMetadataValue = message({
  key: 6,
  name: 'ConsumerGroupTargetAssignmentMetadataValue',
  versions: '0',
  flexible: '0+',
  fields: {
    assignmentEpoch: field(int32),
    /** Ms; 0: unknown. */
    assignmentTimestamp: tagged(0, int64, '0+', 0),
  },
})

/** The target of one member of a consumer group. */
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

/** The partitions a member of a consumer group shall have in the end. */
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

/** What one member of a consumer group has now. */
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
  /** One per partition: commits of an earlier holder are refused. */
  assignmentEpochs: tagged(0, nullable(array(int32))),
}

/** How far a member of a consumer group is on the way to its target. */
export const consumerGroupCurrentMemberAssignmentValue = message({
  key: 8,
  name: 'ConsumerGroupCurrentMemberAssignmentValue',
  versions: '0',
  flexible: '0+',
  fields: {
    memberEpoch: field(int32),
    /** Still accepted, because the answer with the new one may have been lost. */
    previousMemberEpoch: field(int32),
    /** 0 stable, 1 must give partitions up, 2 waits for partitions of others. */
    state: field(int8),
    assignedPartitions: field(array(topicPartitions)),
    partitionsPendingRevocation: field(array(topicPartitions)),
  },
})

/** A regular expression that members of a consumer group subscribe to. */
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

/** The topics that a regular expression matched when it was last resolved. */
export const consumerGroupRegularExpressionValue = message({
  key: 16,
  name: 'ConsumerGroupRegularExpressionValue',
  versions: '0',
  flexible: '0+',
  fields: {
    topics: field(array(string)),
    /** Of the metadata it was resolved against. */
    version: field(int64),
    timestamp: field(int64),
  },
})
