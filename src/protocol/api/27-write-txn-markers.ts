import { api, array, bool, field, ignorable, int8, int16, int32, int64, string } from '../schema.ts'

/** WriteTxnMarkers (27): a transaction coordinator tells partition leaders how transactions
 *  ended.
 *  v1 is flexible · v2 adds transactionVersion (KIP-1228). */
export const writeTxnMarkers = api({
  key: 27,
  name: 'WriteTxnMarkers',
  versions: '1-2',
  flexible: '1+',
  request: {
    markers: field(
      array({
        producerId: field(int64),
        producerEpoch: field(int16),
        /** true: commit. */
        transactionResult: field(bool),
        topics: field(
          array({
            name: field(string),
            partitionIndexes: field(array(int32)),
          }),
        ),
        /** A marker of an older coordinator is refused. */
        coordinatorEpoch: field(int32),
        /** From 2 on the marker's epoch must be above that of the batches (KIP-890). */
        transactionVersion: field(int8, '2+', 0, ignorable),
      }),
    ),
  },
  response: {
    markers: field(
      array({
        producerId: field(int64),
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
      }),
    ),
  },
})
