import { api, array, field, int16, int32, int64, nullable, string, uuid } from '../schema.ts'

/** InitializeShareGroupState (83): a group coordinator starts the stored state of share
 *  partitions (KIP-932). */
export const initializeShareGroupState = api({
  key: 83,
  name: 'InitializeShareGroupState',
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
            stateEpoch: field(int32),
            /** -1: not decided yet. */
            startOffset: field(int64),
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
