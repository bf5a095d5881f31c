import { api, array, field, int8, int16, int32, int64, uuid } from '../schema.ts'

export const alterPartition = api({
  key: 56,
  name: 'AlterPartition',
  versions: '2-3',
  flexible: '0+',
  request: {
    brokerId: field(int32),
    brokerEpoch: field(int64, '0+', -1),
    topics: field(
      array({
        topicId: field(uuid),
        partitions: field(
          array({
            partitionIndex: field(int32),
            leaderEpoch: field(int32),
            newIsr: field(array(int32), '0-2', []),
            newIsrWithEpochs: field(
              array({
                brokerId: field(int32),
                brokerEpoch: field(int64, '0+', -1),
              }),
              '3+',
              [],
            ),
            leaderRecoveryState: field(int8, '0+', 0),
            partitionEpoch: field(int32),
          }),
        ),
      }),
    ),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    errorCode: field(int16),
    topics: field(
      array({
        topicId: field(uuid),
        partitions: field(
          array({
            partitionIndex: field(int32),
            errorCode: field(int16),
            leaderId: field(int32),
            leaderEpoch: field(int32),
            isr: field(array(int32)),
            leaderRecoveryState: field(int8, '0+', 0),
            partitionEpoch: field(int32),
          }),
        ),
      }),
    ),
  },
})
