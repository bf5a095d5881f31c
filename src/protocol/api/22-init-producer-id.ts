import { api, bool, field, int16, int32, int64, nullable, string } from '../schema.ts'

/** InitProducerId (22): gives a producer its id and epoch, ending what an earlier one of its
 *  transactional id left open.
 *  v2 is flexible · v3 adds producerId and producerEpoch, to go on after a fencing (KIP-360) ·
 *  v4 may answer PRODUCER_FENCED · v5 may answer TRANSACTION_ABORTABLE (KIP-890) · v6, unstable,
 *  prepares two-phase commit (KIP-939). */
export const initProducerId = api({
  key: 22,
  name: 'InitProducerId',
  versions: '0-6',
  flexible: '2+',
  unstable: '6',
  request: {
    /** null: an idempotent producer without transactions. */
    transactionalId: field(nullable(string)),
    /** Idleness after which the coordinator aborts a transaction. */
    transactionTimeoutMs: field(int32),
    /** -1: new. Else the one to go on with, so that an expired transactional id is not taken for
     *  another's. */
    producerId: field(int64, '3+', -1),
    producerEpoch: field(int16, '3+', -1),
    enable2Pc: field(bool, '6+', false),
    /** Leaves an open transaction open. */
    keepPreparedTxn: field(bool, '6+', false),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    errorCode: field(int16),
    producerId: field(int64, '0+', -1),
    producerEpoch: field(int16),
    /** -1: none is open. */
    ongoingTxnProducerId: field(int64, '6+', -1),
    ongoingTxnProducerEpoch: field(int16, '6+', -1),
  },
})
