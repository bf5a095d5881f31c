import { api, array, bool, field, int16, int32, nullable, string } from '../schema.ts'

/** CreatePartitions (37): adds partitions to topics (KIP-195).
 *  v2 is flexible · v3 may answer THROTTLING_QUOTA_EXCEEDED (KIP-599). */
export const createPartitions = api({
  key: 37,
  name: 'CreatePartitions',
  versions: '0-3',
  flexible: '2+',
  request: {
    topics: field(
      array({
        name: field(string),
        /** The new total. */
        count: field(int32),
        /** Of the new partitions only; null: the broker places them. */
        assignments: field(
          nullable(
            array({
              brokerIds: field(array(int32)),
            }),
          ),
        ),
      }),
    ),
    timeoutMs: field(int32),
    validateOnly: field(bool),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    results: field(
      array({
        name: field(string),
        errorCode: field(int16),
        errorMessage: field(nullable(string), '0+', null),
      }),
    ),
  },
})
