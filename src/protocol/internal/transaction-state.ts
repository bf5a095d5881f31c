/** `__transaction_state`: one record per transactional id. */

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

/** A transactional id. A tombstone: it has expired. */
export const transactionLogKey = message({
  key: 0,
  name: 'TransactionLogKey',
  versions: '0',
  flexible: 'none',
  fields: {
    transactionalId: field(string),
  },
})

/** All of a transaction.
 *  v1 is flexible and adds the ids and epochs that KIP-890 needs. */
export const transactionLogValue = message({
  key: 0,
  name: 'TransactionLogValue',
  versions: '0-1',
  flexible: '1+',
  fields: {
    producerId: field(int64),
    /** Of the last ended transaction: a repeated EndTxn is known by it. */
    previousProducerId: tagged(0, int64, '1+', -1),
    /** Handed out already, used from the next transaction on; -1: none. */
    nextProducerId: tagged(1, int64, '1+', -1),
    producerEpoch: field(int16),
    nextProducerEpoch: tagged(3, int16, '1+', -1),
    transactionTimeoutMs: field(int32),
    /** 0 empty, 1 ongoing, 2 prepare commit, 3 prepare abort, 4 complete commit, 5 complete
     *  abort, 6 dead, 7 prepare epoch fence. */
    transactionStatus: field(int8),
    /** null: none. */
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
    /** 2: the client's epoch rises with every transaction (KIP-890). */
    clientTransactionVersion: tagged(2, int16, '1+', 0),
  },
})
