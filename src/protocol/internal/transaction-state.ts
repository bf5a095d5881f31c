import {
  array,
  field,
  int8,
  int16,
  int32,
  int64,
  message,
  nullable,
  string,
  tagged,
} from '../schema.ts'

export const transactionLogKey = message({
  key: 0,
  name: 'TransactionLogKey',
  versions: '0',
  flexible: 'none',
  fields: {
    transactionalId: field(string),
  },
})

export const transactionLogValue = message({
  key: 0,
  name: 'TransactionLogValue',
  versions: '0-1',
  flexible: '1+',
  fields: {
    producerId: field(int64),
    previousProducerId: tagged(0, int64, '1+', -1),
    nextProducerId: tagged(1, int64, '1+', -1),
    producerEpoch: field(int16),
    nextProducerEpoch: tagged(3, int16, '1+', -1),
    transactionTimeoutMs: field(int32),
    transactionStatus: field(int8),
    transactionPartitions: field(
      nullable(
        array({
          topic: field(string),
          partitionIds: field(array(int32)),
        }),
      ),
    ),
    transactionLastUpdateTimestampMs: field(int64),
    transactionStartTimestampMs: field(int64),
    clientTransactionVersion: tagged(2, int16, '1+', 0),
  },
})
