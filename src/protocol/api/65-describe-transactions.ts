import { api, array, field, int16, int32, int64, string } from '../schema.ts'

/** DescribeTransactions (65): describes transactions by transactional id (KIP-664). */
export const describeTransactions = api({
  key: 65,
  name: 'DescribeTransactions',
  versions: '0',
  flexible: '0+',
  request: {
    transactionalIds: field(array(string)),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    transactionStates: field(
      array({
        errorCode: field(int16),
        transactionalId: field(string),
        transactionState: field(string),
        transactionTimeoutMs: field(int32),
        /** -1: none is open. */
        transactionStartTimeMs: field(int64),
        producerId: field(int64),
        producerEpoch: field(int16),
        /** Partitions that still wait for the end. */
        topics: field(
          array({
            topic: field(string),
            partitions: field(array(int32)),
          }),
        ),
      }),
    ),
  },
})
