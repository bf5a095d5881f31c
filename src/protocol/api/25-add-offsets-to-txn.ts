import { api, field, int16, int32, int64, string } from '../schema.ts'

/** AddOffsetsToTxn (25): adds a group's offsets to a transaction, before TxnOffsetCommit.
 *  v2 may answer PRODUCER_FENCED · v3 is flexible · v4 may answer TRANSACTION_ABORTABLE
 *  (KIP-890). */
export const addOffsetsToTxn = api({
  key: 25,
  name: 'AddOffsetsToTxn',
  versions: '0-4',
  flexible: '3+',
  request: {
    transactionalId: field(string),
    producerId: field(int64),
    producerEpoch: field(int16),
    groupId: field(string),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    errorCode: field(int16),
  },
})
