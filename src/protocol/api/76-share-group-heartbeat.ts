import { api, array, field, int16, int32, nullable, string, struct, uuid } from '../schema.ts'

const topicPartitions = {
  topicId: field(uuid),
  partitions: field(array(int32)),
}

/** ShareGroupHeartbeat (76): everything a member of a share group says and hears (KIP-932).
 *  v0 was an early access of Kafka 4.0 and is gone. */
export const shareGroupHeartbeat = api({
  key: 76,
  name: 'ShareGroupHeartbeat',
  versions: '1',
  flexible: '0+',
  request: {
    groupId: field(string),
    memberId: field(string),
    /** 0 joins, -1 leaves. */
    memberEpoch: field(int32),
    /** null: not changed since the last heartbeat. */
    rackId: field(nullable(string), '0+', null),
    /** null: not changed since the last heartbeat. */
    subscribedTopicNames: field(nullable(array(string)), '0+', null),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    errorCode: field(int16),
    errorMessage: field(nullable(string), '0+', null),
    memberId: field(nullable(string), '0+', null),
    memberEpoch: field(int32),
    heartbeatIntervalMs: field(int32),
    /** null: not changed. */
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
