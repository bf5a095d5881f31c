import { api, array, field, int16, int32, nullable, string, uuid } from '../schema.ts'

/** DeleteShareGroupState (86): a group coordinator deletes the stored state of share partitions
 *  (KIP-932). */
export const deleteShareGroupState = api({
  key: 86,
  name: 'DeleteShareGroupState',
  versions: '0',
  flexible: '0+',
  request: {
    groupId: field(string),
    topics: field(
      array({
        topicId: field(uuid),
        partitions: field(
          array({
            partition: field(int32),
          }),
        ),
      }),
    ),
  },
  response: {
    results: field(
      array({
        topicId: field(uuid),
        partitions: field(
          array({
            partition: field(int32),
            errorCode: field(int16),
            errorMessage: field(nullable(string), '0+', null),
          }),
        ),
      }),
    ),
  },
})
