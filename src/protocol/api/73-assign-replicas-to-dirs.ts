import { api, array, field, int16, int32, int64, uuid } from '../schema.ts'

/** AssignReplicasToDirs (73): a broker tells the controller which log directory holds which
 *  replica (KIP-858). */
export const assignReplicasToDirs = api({
  key: 73,
  name: 'AssignReplicasToDirs',
  versions: '0',
  flexible: '0+',
  request: {
    brokerId: field(int32),
    brokerEpoch: field(int64, '0+', -1),
    directories: field(
      array({
        id: field(uuid),
        topics: field(
          array({
            topicId: field(uuid),
            partitions: field(
              array({
                partitionIndex: field(int32),
              }),
            ),
          }),
        ),
      }),
    ),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    errorCode: field(int16),
    directories: field(
      array({
        id: field(uuid),
        topics: field(
          array({
            topicId: field(uuid),
            partitions: field(
              array({
                partitionIndex: field(int32),
                errorCode: field(int16),
              }),
            ),
          }),
        ),
      }),
    ),
  },
})
