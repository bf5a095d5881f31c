import { api, array, field, int16, int32, int64, nullable, string } from '../schema.ts'

/** ListTransactions (66): lists the transactions a broker coordinates (KIP-664).
 *  v1 adds durationFilter (KIP-994) · v2 adds transactionalIdPattern (KIP-1152). */
export const listTransactions = api({
  key: 66,
  name: 'ListTransactions',
  versions: '0-2',
  flexible: '0+',
  request: {
    /** Empty: all. */
    stateFilters: field(array(string)),
    /** Empty: all. */
    producerIdFilters: field(array(int64)),
    /** Ms a transaction must be open at least; negative: all. */
    durationFilter: field(int64, '1+', -1),
    /** A regular expression (RE2); null or empty: all. */
    transactionalIdPattern: field(nullable(string), '2+', null),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    errorCode: field(int16),
    /** States in the filter that this broker does not know. */
    unknownStateFilters: field(array(string)),
    transactionStates: field(
      array({
        transactionalId: field(string),
        producerId: field(int64),
        transactionState: field(string),
      }),
    ),
  },
})
