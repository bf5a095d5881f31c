import { api, array, field, int16, int32, int64, nullable, string } from '../schema.ts'

/** DescribeProducers (61): tells which producers have state in partitions: ids, epochs,
 *  sequences, open transactions (KIP-664). */
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
                /** -1: none. */
                lastSequence: field(int32, '0+', -1),
                /** Ms; -1: none. */
                lastTimestamp: field(int64, '0+', -1),
                /** Of the last marker; -1: none. */
                coordinatorEpoch: field(int32),
                /** -1: no transaction is open. */
                currentTxnStartOffset: field(int64, '0+', -1),
              }),
            ),
          }),
        ),
      }),
    ),
  },
})
