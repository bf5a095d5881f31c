import { api, array, field, int16, int32, nullable, string, struct, uuid } from '../schema.ts'

const topicPartitions = {
  topicId: field(uuid),
  partitions: field(array(int32)),
}

export const consumerGroupHeartbeat = api({
  key: 68,
  name: 'ConsumerGroupHeartbeat',
  versions: '0-1',
  flexible: '0+',
  request: {
    groupId: field(string),
    memberId: field(string),
    memberEpoch: field(int32),
    instanceId: field(nullable(string), '0+', null),
    rackId: field(nullable(string), '0+', null),
    rebalanceTimeoutMs: field(int32, '0+', -1),
    subscribedTopicNames: field(nullable(array(string)), '0+', null),
    subscribedTopicRegex: field(nullable(string), '1+', null),
    serverAssignor: field(nullable(string), '0+', null),
    topicPartitions: field(
      nullable(
        array({
          topicId: field(uuid),
          partitions: field(array(int32)),
        }),
      ),
      '0+',
      null,
    ),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    errorCode: field(int16),
    errorMessage: field(nullable(string), '0+', null),
    memberId: field(nullable(string), '0+', null),
    memberEpoch: field(int32),
    heartbeatIntervalMs: field(int32),
    assignment: field(
      nullable(
        struct({
          topicPartitions: field(array(topicPartitions)),
        }),
      ),
      '0+',
      null,
    ),
  },
})
