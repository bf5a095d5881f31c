import { api, bool, field, ignorable, int16, int32, int64, string } from '../schema.ts'

export const endTxn = api({
  key: 26,
  name: 'EndTxn',
  versions: '0-5',
  flexible: '3+',
  request: {
    transactionalId: field(string),
    producerId: field(int64),
    producerEpoch: field(int16),
    committed: field(bool),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    errorCode: field(int16),
    producerId: field(int64, '5+', -1, ignorable),
    producerEpoch: field(int16, '5+', -1, ignorable),
  },
})
