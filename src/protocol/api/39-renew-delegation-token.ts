import { api, bytes, field, int16, int32, int64 } from '../schema.ts'

/** RenewDelegationToken (39): prolongs a delegation token (KIP-48).
 *  v2 is flexible. */
export const renewDelegationToken = api({
  key: 39,
  name: 'RenewDelegationToken',
  versions: '1-2',
  flexible: '2+',
  request: {
    /** The secret, as proof and as name. */
    hmac: field(bytes),
    renewPeriodMs: field(int64),
  },
  response: {
    errorCode: field(int16),
    expiryTimestampMs: field(int64),
    throttleTimeMs: field(int32, '0+', 0),
  },
})
