import { api, array, field, int16, int32, int64, nullable, string } from '../schema.ts'

export const listTransactions = api({
  key: 66,
  name: 'ListTransactions',
  versions: '0-2',
  flexible: '0+',
  request: {
    stateFilters: field(array(string)),
    producerIdFilters: field(array(int64)),
    durationFilter: field(int64, '1+', -1),
    transactionalIdPattern: field(nullable(string), '2+', null),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    errorCode: field(int16),
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
