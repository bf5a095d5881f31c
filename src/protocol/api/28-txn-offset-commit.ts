import { api, array, field, ignorable, int16, int32, int64, nullable, string } from '../schema.ts'

export const txnOffsetCommit = api({
  key: 28,
  name: 'TxnOffsetCommit',
  versions: '0-5',
  flexible: '3+',
  request: {
    transactionalId: field(string),
    groupId: field(string),
    producerId: field(int64),
    producerEpoch: field(int16),
    generationId: field(int32, '3+', -1),
    memberId: field(string, '3+', ''),
    groupInstanceId: field(nullable(string), '3+', null),
    topics: field(
      array({
        name: field(string),
        partitions: field(
          array({
            partitionIndex: field(int32),
            committedOffset: field(int64),
            committedLeaderEpoch: field(int32, '2+', -1, ignorable),
            committedMetadata: field(nullable(string)),
          }),
        ),
      }),
    ),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    topics: field(
      array({
        name: field(string),
        partitions: field(
          array({
            partitionIndex: field(int32),
            errorCode: field(int16),
          }),
        ),
      }),
    ),
  },
})
