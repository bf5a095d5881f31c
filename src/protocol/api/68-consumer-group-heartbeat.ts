import { api, array, field, int16, int32, nullable, string, struct, uuid } from '../schema.ts'

const topicPartitions = {
  topicId: field(uuid),
  partitions: field(array(int32)),
}

/** ConsumerGroupHeartbeat (68): everything a member of a consumer group says and hears: join,
 *  assignment, leave (KIP-848).
 *  v1 adds subscribedTopicRegex, and members choose their ids themselves (KIP-1082). */
export const consumerGroupHeartbeat = api({
  key: 68,
  name: 'ConsumerGroupHeartbeat',
  versions: '0-1',
  flexible: '0+',
  request: {
    groupId: field(string),
    memberId: field(string),
    /** 0 joins, -1 leaves, -2 leaves as a static member that will be back. */
    memberEpoch: field(int32),
    /** null: not changed since the last heartbeat. */
    instanceId: field(nullable(string), '0+', null),
    /** null: not changed since the last heartbeat. */
    rackId: field(nullable(string), '0+', null),
    /** Time the member has to give partitions up; -1: not changed. */
    rebalanceTimeoutMs: field(int32, '0+', -1),
    /** null: not changed since the last heartbeat. */
    subscribedTopicNames: field(nullable(array(string)), '0+', null),
    /** null: not changed since the last heartbeat. */
    subscribedTopicRegex: field(nullable(string), '1+', null),
    /** null: not changed since the last heartbeat. */
    serverAssignor: field(nullable(string), '0+', null),
    /** What the member holds; null: not changed. */
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
    /** How often to come back. */
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
