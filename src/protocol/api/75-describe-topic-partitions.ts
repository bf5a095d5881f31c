import { api, array, bool, field, int16, int32, nullable, string, struct, uuid } from '../schema.ts'

/** DescribeTopicPartitions (75): describes topics page by page, with eligible leader replicas
 *  (KIP-966). */
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
    /** Where to go on; null: from the start. */
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
            /** Not in sync, but holding everything committed; null: unknown. */
            eligibleLeaderReplicas: field(nullable(array(int32)), '0+', null),
            /** What was known when the last of them was lost; null: unknown. */
            lastKnownElr: field(nullable(array(int32)), '0+', null),
            offlineReplicas: field(array(int32)),
          }),
        ),
        /** One bit per ACL operation; the smallest int32: not asked for. */
        topicAuthorizedOperations: field(int32, '0+', -2_147_483_648),
      }),
    ),
    /** null: that was all. */
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
