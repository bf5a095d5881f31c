import { api, array, field, int16, int32, string } from '../schema.ts'

/** OffsetDelete (47): deletes committed offsets of topics that the group no longer subscribes to
 *  (KIP-496). */
export const offsetDelete = api({
  key: 47,
  name: 'OffsetDelete',
  versions: '0',
  flexible: 'none',
  request: {
    groupId: field(string),
    topics: field(
      array({
        name: field(string),
        partitions: field(
          array({
            partitionIndex: field(int32),
          }),
        ),
      }),
    ),
  },
  response: {
    errorCode: field(int16),
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
