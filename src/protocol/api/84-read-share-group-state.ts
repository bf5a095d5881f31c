import { api, array, field, int8, int16, int32, int64, nullable, string, uuid } from '../schema.ts'

/** ReadShareGroupState (84): a partition leader reads the stored state of share partitions
 *  (KIP-932). */
export const readShareGroupState = api({
  key: 84,
  name: 'ReadShareGroupState',
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
            leaderEpoch: field(int32),
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
            stateEpoch: field(int32),
            /** -1: not decided yet. */
            startOffset: field(int64),
            stateBatches: field(
              array({
                firstOffset: field(int64),
                lastOffset: field(int64),
                /** 0 available, 2 acknowledged, 4 archived. */
                deliveryState: field(int8),
                deliveryCount: field(int16),
              }),
            ),
          }),
        ),
      }),
    ),
  },
})
