import { api, field, int16, int32, nullable, string } from '../schema.ts'

/** UnregisterBroker (64): takes a broker that is gone for good out of the cluster. */
export const unregisterBroker = api({
  key: 64,
  name: 'UnregisterBroker',
  versions: '0',
  flexible: '0+',
  request: {
    brokerId: field(int32),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    errorCode: field(int16),
    errorMessage: field(nullable(string)),
  },
})
