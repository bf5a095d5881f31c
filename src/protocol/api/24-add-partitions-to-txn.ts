import { api, array, bool, field, ignorable, int16, int32, int64, string } from '../schema.ts'

const addPartitionsToTxnTopic = {
  name: field(string),
  partitions: field(array(int32)),
}

const addPartitionsToTxnPartitionResult = {
  partitionIndex: field(int32),
  partitionErrorCode: field(int16),
}

const addPartitionsToTxnTopicResult = {
  name: field(string),
  resultsByPartition: field(array(addPartitionsToTxnPartitionResult)),
}

/** AddPartitionsToTxn (24): adds partitions to a transaction; brokers also use it to verify that
 *  one is in it.
 *  v2 may answer PRODUCER_FENCED · v3 is flexible · v4 is for brokers: several transactions,
 *  verifyOnly (KIP-890) · v5 may answer TRANSACTION_ABORTABLE. */
export const addPartitionsToTxn = api({
  key: 24,
  name: 'AddPartitionsToTxn',
  versions: '0-5',
  flexible: '3+',
  request: {
    transactions: field(
      array({
        transactionalId: field(string),
        producerId: field(int64),
        producerEpoch: field(int16),
        /** Ask whether they are in the transaction, add nothing. */
        verifyOnly: field(bool, '0+', false),
        topics: field(array(addPartitionsToTxnTopic)),
      }),
      '4+',
      [],
    ),
    v3AndBelowTransactionalId: field(string, '0-3', ''),
    v3AndBelowProducerId: field(int64, '0-3', 0),
    v3AndBelowProducerEpoch: field(int16, '0-3', 0),
    v3AndBelowTopics: field(array(addPartitionsToTxnTopic), '0-3', []),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    errorCode: field(int16, '4+', 0, ignorable),
    resultsByTransaction: field(
      array({
        transactionalId: field(string),
        topicResults: field(array(addPartitionsToTxnTopicResult)),
      }),
      '4+',
      [],
    ),
    resultsByTopicV3AndBelow: field(array(addPartitionsToTxnTopicResult), '0-3', []),
  },
})
