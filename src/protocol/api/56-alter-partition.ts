import { api, array, field, int8, int16, int32, int64, uuid } from '../schema.ts'

/** AlterPartition (56): a leader asks the controller to change the in-sync replicas (KIP-497).
 *  v2 names topics by id (KIP-841) · v3 gives each replica with its broker epoch (KIP-903). */
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
                /** -1: not checked. */
                brokerEpoch: field(int64, '0+', -1),
              }),
              '3+',
              [],
            ),
            /** 0 recovered, 1 recovering from an unclean election. */
            leaderRecoveryState: field(int8, '0+', 0),
            /** The change applies only if the partition still is at this one. */
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
            /** 0 recovered, 1 recovering from an unclean election. */
            leaderRecoveryState: field(int8, '0+', 0),
            partitionEpoch: field(int32),
          }),
        ),
      }),
    ),
  },
})
