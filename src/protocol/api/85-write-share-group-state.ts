import {
  api,
  array,
  field,
  ignorable,
  int8,
  int16,
  int32,
  int64,
  nullable,
  string,
  uuid,
} from '../schema.ts'

/** WriteShareGroupState (85): a partition leader stores the state of share partitions (KIP-932).
 *  v1 adds deliveryCompleteCount (KIP-1226). */
export const writeShareGroupState = api({
  key: 85,
  name: 'WriteShareGroupState',
  versions: '0-1',
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
            leaderEpoch: field(int32),
            /** -1: not changed. */
            startOffset: field(int64),
            /** Records at or after startOffset that are settled; -1: unknown. */
            deliveryCompleteCount: field(int32, '1+', -1, ignorable),
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
