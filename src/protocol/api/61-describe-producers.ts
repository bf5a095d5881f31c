import { api, array, field, int16, int32, int64, nullable, string } from '../schema.ts'

export const describeProducers = api({
  key: 61,
  name: 'DescribeProducers',
  versions: '0',
  flexible: '0+',
  request: {
    topics: field(
      array({
        name: field(string),
        partitionIndexes: field(array(int32)),
      }),
    ),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    topics: field(
      array({
        name: field(string),
        partitions: field(
          array({
            partitionIndex: field(int32),
            errorCode: field(int16),
            errorMessage: field(nullable(string), '0+', null),
            activeProducers: field(
              array({
                producerId: field(int64),
                producerEpoch: field(int32),
                lastSequence: field(int32, '0+', -1),
                lastTimestamp: field(int64, '0+', -1),
                coordinatorEpoch: field(int32),
                currentTxnStartOffset: field(int64, '0+', -1),
              }),
            ),
          }),
        ),
      }),
    ),
  },
})
