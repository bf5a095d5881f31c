import { api, bytes, field, int16, int32, int64 } from '../schema.ts'

export const expireDelegationToken = api({
  key: 40,
  name: 'ExpireDelegationToken',
  versions: '1-2',
  flexible: '2+',
  request: {
    hmac: field(bytes),
    expiryTimePeriodMs: field(int64),
  },
  response: {
    errorCode: field(int16),
    expiryTimestampMs: field(int64),
    throttleTimeMs: field(int32, '0+', 0),
  },
})
