import { api, bool, field, int16, int32, int64, nullable, string } from '../schema.ts'

export const initProducerId = api({
  key: 22,
  name: 'InitProducerId',
  versions: '0-6',
  flexible: '2+',
  unstable: '6',
  request: {
    transactionalId: field(nullable(string)),
    transactionTimeoutMs: field(int32),
    producerId: field(int64, '3+', -1),
    producerEpoch: field(int16, '3+', -1),
    enable2Pc: field(bool, '6+', false),
    keepPreparedTxn: field(bool, '6+', false),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    errorCode: field(int16),
    producerId: field(int64, '0+', -1),
    producerEpoch: field(int16),
    ongoingTxnProducerId: field(int64, '6+', -1),
    ongoingTxnProducerEpoch: field(int16, '6+', -1),
  },
})
