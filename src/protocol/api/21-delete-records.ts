import { api, array, field, int16, int32, int64, string } from '../schema.ts'

export const deleteRecords = api({
  key: 21,
  name: 'DeleteRecords',
  versions: '0-2',
  flexible: '2+',
  request: {
    topics: field(
      array({
        name: field(string),
        partitions: field(
          array({
            partitionIndex: field(int32),
            offset: field(int64),
          }),
        ),
      }),
    ),
    timeoutMs: field(int32),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    topics: field(
      array({
        name: field(string),
        partitions: field(
          array({
            partitionIndex: field(int32),
            lowWatermark: field(int64),
            errorCode: field(int16),
          }),
        ),
      }),
    ),
  },
})
