import { api, array, field, ignorable, int16, int32, int64, nullable, string } from '../schema.ts'

/** TxnOffsetCommit (28): stores a group's offsets as part of a transaction.
 *  v2 adds committedLeaderEpoch (KIP-320) · v3 is flexible and adds the member's identity
 *  (KIP-447) · v4 may answer TRANSACTION_ABORTABLE · v5 does the work of AddOffsetsToTxn as well
 *  (KIP-890). */
export const txnOffsetCommit = api({
  key: 28,
  name: 'TxnOffsetCommit',
  versions: '0-5',
  flexible: '3+',
  request: {
    transactionalId: field(string),
    groupId: field(string),
    producerId: field(int64),
    producerEpoch: field(int16),
    /** -1: not checked. */
    generationId: field(int32, '3+', -1),
    memberId: field(string, '3+', ''),
    groupInstanceId: field(nullable(string), '3+', null),
    topics: field(
      array({
        name: field(string),
        partitions: field(
          array({
            partitionIndex: field(int32),
            committedOffset: field(int64),
            /** Of the last record consumed; -1: unknown. */
            committedLeaderEpoch: field(int32, '2+', -1, ignorable),
            committedMetadata: field(nullable(string)),
          }),
        ),
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
          }),
        ),
      }),
    ),
  },
})
