import { api, array, bool, field, ignorable, int8, int16, int32, int64, string } from '../schema.ts'

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
        transactionResult: field(bool),
        topics: field(
          array({
            name: field(string),
            partitionIndexes: field(array(int32)),
          }),
        ),
        coordinatorEpoch: field(int32),
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
