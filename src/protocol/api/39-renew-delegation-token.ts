import { api, bytes, field, int16, int32, int64 } from '../schema.ts'

export const renewDelegationToken = api({
  key: 39,
  name: 'RenewDelegationToken',
  versions: '1-2',
  flexible: '2+',
  request: {
    hmac: field(bytes),
    renewPeriodMs: field(int64),
  },
  response: {
    errorCode: field(int16),
    expiryTimestampMs: field(int64),
    throttleTimeMs: field(int32, '0+', 0),
  },
})
