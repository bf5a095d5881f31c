/** `__cluster_metadata`: topics, partitions and configuration. */

import { array, field, int8, int32, message, nullable, string, tagged, uuid } from '../schema.ts'

/** A topic has been created. */
export const topicRecord = message({
  key: 2,
  name: 'TopicRecord',
  versions: '0',
  flexible: '0+',
  fields: {
    name: field(string),
    topicId: field(uuid),
  },
})

/** A topic has been deleted, with its partitions. */
export const removeTopicRecord = message({
  key: 9,
  name: 'RemoveTopicRecord',
  versions: '0',
  flexible: '0+',
  fields: {
    topicId: field(uuid),
  },
})

/** A partition has been created, or stands in a snapshot.
 *  v1 adds directories (KIP-858) · v2 adds eligible leader replicas (KIP-966). */
export const partitionRecord = message({
  key: 3,
  name: 'PartitionRecord',
  versions: '0-2',
  flexible: '0+',
  fields: {
    partitionId: field(int32, '0+', -1),
    topicId: field(uuid),
    replicas: field(array(int32)),
    isr: field(array(int32)),
    removingReplicas: field(array(int32)),
    addingReplicas: field(array(int32)),
    /** -1: none. */
    leader: field(int32, '0+', -1),
    /** 0 recovered, 1 recovering from an unclean election. */
    leaderRecoveryState: tagged(0, int8, '0+', 0),
    leaderEpoch: field(int32, '0+', -1),
    /** Rises with every change of the partition. */
    partitionEpoch: field(int32, '0+', -1),
    directories: field(array(uuid), '1+', []),
    /** Not in sync, but holding everything committed. */
    eligibleLeaderReplicas: tagged(1, nullable(array(int32)), '2+', null),
    lastKnownElr: tagged(2, nullable(array(int32)), '2+', null),
  },
})

/** Facts of a partition have changed: a field that is left out has not.
 *  v1 adds directories (KIP-858) · v2 adds eligible leader replicas (KIP-966). */
export const partitionChangeRecord = message({
  key: 5,
  name: 'PartitionChangeRecord',
  versions: '0-2',
  flexible: '0+',
  fields: {
    partitionId: field(int32, '0+', -1),
    topicId: field(uuid),
    isr: tagged(0, nullable(array(int32)), '0+', null),
    /** -1: none, -2: not changed. */
    leader: tagged(1, int32, '0+', -2),
    replicas: tagged(2, nullable(array(int32)), '0+', null),
    removingReplicas: tagged(3, nullable(array(int32)), '0+', null),
    addingReplicas: tagged(4, nullable(array(int32)), '0+', null),
    /** 0 recovered, 1 recovering, -1 not changed. */
    leaderRecoveryState: tagged(5, int8, '0+', -1),
    directories: tagged(8, nullable(array(uuid)), '1+', null),
    eligibleLeaderReplicas: tagged(6, nullable(array(int32)), '2+', null),
    lastKnownElr: tagged(7, nullable(array(int32)), '2+', null),
  },
})

/** Eligible leader replicas have been cleared (KIP-966). */
export const clearElrRecord = message({
  key: 28,
  name: 'ClearElrRecord',
  versions: '0',
  flexible: '0+',
  fields: {
    /** Empty: of all topics. */
    topicName: field(string),
  },
})

/** A configuration key of a resource has been set or removed. */
export const configRecord = message({
  key: 4,
  name: 'ConfigRecord',
  versions: '0',
  flexible: '0+',
  fields: {
    /** 2 topic, 4 broker, 8 broker loggers, 16 client metrics, 32 group. */
    resourceType: field(int8),
    resourceName: field(string),
    name: field(string),
    /** null: removed. */
    value: field(nullable(string)),
  },
})
