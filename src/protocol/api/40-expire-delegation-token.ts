import { api, bytes, field, int16, int32, int64 } from '../schema.ts'

/** ExpireDelegationToken (40): ends a delegation token sooner, or at once (KIP-48).
 *  v2 is flexible. */
export const expireDelegationToken = api({
  key: 40,
  name: 'ExpireDelegationToken',
  versions: '1-2',
  flexible: '2+',
  request: {
    /** The secret, as proof and as name. */
    hmac: field(bytes),
    /** From now; negative: at once. */
    expiryTimePeriodMs: field(int64),
  },
  response: {
    errorCode: field(int16),
    expiryTimestampMs: field(int64),
    throttleTimeMs: field(int32, '0+', 0),
  },
})
