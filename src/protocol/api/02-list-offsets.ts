import { api, array, field, ignorable, int8, int16, int32, int64, string } from '../schema.ts'

export const listOffsets = api({
  key: 2,
  name: 'ListOffsets',
  versions: '1-11',
  flexible: '6+',
  request: {
    replicaId: field(int32),
    isolationLevel: field(int8, '2+', 0),
    topics: field(
      array({
        name: field(string),
        partitions: field(
          array({
            partitionIndex: field(int32),
            currentLeaderEpoch: field(int32, '4+', -1, ignorable),
            timestamp: field(int64),
          }),
        ),
      }),
    ),
    timeoutMs: field(int32, '10+', 0, ignorable),
  },
  response: {
    throttleTimeMs: field(int32, '2+', 0, ignorable),
    topics: field(
      array({
        name: field(string),
        partitions: field(
          array({
            partitionIndex: field(int32),
            errorCode: field(int16),
            timestamp: field(int64, '0+', -1),
            offset: field(int64, '0+', -1),
            leaderEpoch: field(int32, '4+', -1),
          }),
        ),
      }),
    ),
  },
})
