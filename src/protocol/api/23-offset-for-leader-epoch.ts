import { api, array, field, ignorable, int16, int32, int64, string } from '../schema.ts'

export const offsetForLeaderEpoch = api({
  key: 23,
  name: 'OffsetForLeaderEpoch',
  versions: '2-4',
  flexible: '4+',
  request: {
    replicaId: field(int32, '3+', -2, ignorable),
    topics: field(
      array({
        topic: field(string),
        partitions: field(
          array({
            partition: field(int32),
            currentLeaderEpoch: field(int32, '0+', -1),
            leaderEpoch: field(int32),
          }),
        ),
      }),
    ),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    topics: field(
      array({
        topic: field(string),
        partitions: field(
          array({
            errorCode: field(int16),
            partition: field(int32),
            leaderEpoch: field(int32, '0+', -1),
            endOffset: field(int64, '0+', -1),
          }),
        ),
      }),
    ),
  },
})
