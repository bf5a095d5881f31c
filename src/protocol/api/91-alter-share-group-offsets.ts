import { api, array, field, int16, int32, int64, nullable, string, uuid } from '../schema.ts'

/** AlterShareGroupOffsets (91): sets the start offsets of a share group without members
 *  (KIP-932). */
export const alterShareGroupOffsets = api({
  key: 91,
  name: 'AlterShareGroupOffsets',
  versions: '0',
  flexible: '0+',
  request: {
    groupId: field(string),
    topics: field(
      array({
        topicName: field(string),
        partitions: field(
          array({
            partitionIndex: field(int32),
            startOffset: field(int64),
          }),
        ),
      }),
    ),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    errorCode: field(int16),
    errorMessage: field(nullable(string), '0+', null),
    responses: field(
      array({
        topicName: field(string),
        topicId: field(uuid),
        partitions: field(
          array({
            partitionIndex: field(int32),
            errorCode: field(int16),
            errorMessage: field(nullable(string), '0+', null),
          }),
        ),
      }),
    ),
  },
})
