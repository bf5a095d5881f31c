import { array, field, int8, int32, message, nullable, string, tagged, uuid } from '../schema.ts'

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

export const removeTopicRecord = message({
  key: 9,
  name: 'RemoveTopicRecord',
  versions: '0',
  flexible: '0+',
  fields: {
    topicId: field(uuid),
  },
})

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
    leader: field(int32, '0+', -1),
    leaderRecoveryState: tagged(0, int8, '0+', 0),
    leaderEpoch: field(int32, '0+', -1),
    partitionEpoch: field(int32, '0+', -1),
    directories: field(array(uuid), '1+', []),
    eligibleLeaderReplicas: tagged(1, nullable(array(int32)), '2+', null),
    lastKnownElr: tagged(2, nullable(array(int32)), '2+', null),
  },
})

export const partitionChangeRecord = message({
  key: 5,
  name: 'PartitionChangeRecord',
  versions: '0-2',
  flexible: '0+',
  fields: {
    partitionId: field(int32, '0+', -1),
    topicId: field(uuid),
    isr: tagged(0, nullable(array(int32)), '0+', null),
    leader: tagged(1, int32, '0+', -2),
    replicas: tagged(2, nullable(array(int32)), '0+', null),
    removingReplicas: tagged(3, nullable(array(int32)), '0+', null),
    addingReplicas: tagged(4, nullable(array(int32)), '0+', null),
    leaderRecoveryState: tagged(5, int8, '0+', -1),
    directories: tagged(8, nullable(array(uuid)), '1+', null),
    eligibleLeaderReplicas: tagged(6, nullable(array(int32)), '2+', null),
    lastKnownElr: tagged(7, nullable(array(int32)), '2+', null),
  },
})

export const clearElrRecord = message({
  key: 28,
  name: 'ClearElrRecord',
  versions: '0',
  flexible: '0+',
  fields: {
    topicName: field(string),
  },
})

export const configRecord = message({
  key: 4,
  name: 'ConfigRecord',
  versions: '0',
  flexible: '0+',
  fields: {
    resourceType: field(int8),
    resourceName: field(string),
    name: field(string),
    value: field(nullable(string)),
  },
})
