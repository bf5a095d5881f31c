import { api, array, field, int16, int32, int64, string } from '../schema.ts'

/** DeleteRecords (21): removes all records before an offset.
 *  v2 is flexible. */
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
            /** -1: the high watermark. */
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
            /** The first offset that all live replicas still have. */
            lowWatermark: field(int64),
            errorCode: field(int16),
          }),
        ),
      }),
    ),
  },
})
