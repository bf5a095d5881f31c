import { api, field, int16, int32, int64 } from '../schema.ts'

/** AllocateProducerIds (67): a broker asks the controller for a block of producer ids (KIP-730). */
export const allocateProducerIds = api({
  key: 67,
  name: 'AllocateProducerIds',
  versions: '0',
  flexible: '0+',
  request: {
    brokerId: field(int32),
    brokerEpoch: field(int64, '0+', -1),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    errorCode: field(int16),
    producerIdStart: field(int64),
    /** Count of ids from producerIdStart on. */
    producerIdLen: field(int32),
  },
})
