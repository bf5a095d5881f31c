import { api, array, field, int16, int32, nullable, string, uuid } from '../schema.ts'

/** DeleteShareGroupOffsets (92): deletes the offsets of topics from a share group without
 *  members (KIP-932). */
export const deleteShareGroupOffsets = api({
  key: 92,
  name: 'DeleteShareGroupOffsets',
  versions: '0',
  flexible: '0+',
  request: {
    groupId: field(string),
    topics: field(
      array({
        topicName: field(string),
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
        errorCode: field(int16),
        errorMessage: field(nullable(string), '0+', null),
      }),
    ),
  },
})
