import {
  api,
  array,
  field,
  ignorable,
  int16,
  int32,
  int64,
  nullable,
  string,
  uuid,
} from '../schema.ts'

/** ReadShareGroupStateSummary (87): tells epochs and start offsets of share partitions without
 *  their batches (KIP-932).
 *  v1 answers deliveryCompleteCount (KIP-1226). */
export const readShareGroupStateSummary = api({
  key: 87,
  name: 'ReadShareGroupStateSummary',
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
            leaderEpoch: field(int32),
            startOffset: field(int64),
            /** Records at or after startOffset that are settled; -1: unknown. */
            deliveryCompleteCount: field(int32, '1+', -1, ignorable),
          }),
        ),
      }),
    ),
  },
})
