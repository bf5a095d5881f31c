import { api, array, bool, field, int16, int32, nullable, string, struct, uuid } from '../schema.ts'

export const describeTopicPartitions = api({
  key: 75,
  name: 'DescribeTopicPartitions',
  versions: '0',
  flexible: '0+',
  request: {
    topics: field(
      array({
        name: field(string),
      }),
    ),
    responsePartitionLimit: field(int32, '0+', 2000),
    cursor: field(
      nullable(
        struct({
          topicName: field(string),
          partitionIndex: field(int32),
        }),
      ),
      '0+',
      null,
    ),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    topics: field(
      array({
        errorCode: field(int16),
        name: field(nullable(string)),
        topicId: field(uuid),
        isInternal: field(bool, '0+', false),
        partitions: field(
          array({
            errorCode: field(int16),
            partitionIndex: field(int32),
            leaderId: field(int32),
            leaderEpoch: field(int32, '0+', -1),
            replicaNodes: field(array(int32)),
            isrNodes: field(array(int32)),
            eligibleLeaderReplicas: field(nullable(array(int32)), '0+', null),
            lastKnownElr: field(nullable(array(int32)), '0+', null),
            offlineReplicas: field(array(int32)),
          }),
        ),
        topicAuthorizedOperations: field(int32, '0+', -2_147_483_648),
      }),
    ),
    nextCursor: field(
      nullable(
        struct({
          topicName: field(string),
          partitionIndex: field(int32),
        }),
      ),
      '0+',
      null,
    ),
  },
})
