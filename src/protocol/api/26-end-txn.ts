import { api, bool, field, ignorable, int16, int32, int64, string } from '../schema.ts'

/** EndTxn (26): commits or aborts a transaction.
 *  v2 may answer PRODUCER_FENCED · v3 is flexible · v4 may answer TRANSACTION_ABORTABLE · v5
 *  raises the producer's epoch with every end and answers it (KIP-890). */
export const endTxn = api({
  key: 26,
  name: 'EndTxn',
  versions: '0-5',
  flexible: '3+',
  request: {
    transactionalId: field(string),
    producerId: field(int64),
    producerEpoch: field(int16),
    /** false: abort. */
    committed: field(bool),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    errorCode: field(int16),
    /** The id to go on with: another one once the epochs of the old are used up. */
    producerId: field(int64, '5+', -1, ignorable),
    producerEpoch: field(int16, '5+', -1, ignorable),
  },
})
