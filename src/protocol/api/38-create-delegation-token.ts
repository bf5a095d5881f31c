import { api, array, bytes, field, int16, int32, int64, nullable, string } from '../schema.ts'

/** CreateDelegationToken (38): creates a delegation token (KIP-48).
 *  v2 is flexible · v3 lets one principal ask on behalf of another (KIP-373). */
export const createDelegationToken = api({
  key: 38,
  name: 'CreateDelegationToken',
  versions: '1-3',
  flexible: '2+',
  request: {
    /** null: the asking principal. */
    ownerPrincipalType: field(nullable(string), '3+', ''),
    /** null: the asking principal. */
    ownerPrincipalName: field(nullable(string), '3+', ''),
    renewers: field(
      array({
        principalType: field(string),
        principalName: field(string),
      }),
    ),
    /** -1: the broker's default. */
    maxLifetimeMs: field(int64),
  },
  response: {
    errorCode: field(int16),
    principalType: field(string),
    principalName: field(string),
    tokenRequesterPrincipalType: field(string, '3+', ''),
    tokenRequesterPrincipalName: field(string, '3+', ''),
    issueTimestampMs: field(int64),
    expiryTimestampMs: field(int64),
    maxTimestampMs: field(int64),
    tokenId: field(string),
    /** The secret of the token. */
    hmac: field(bytes),
    throttleTimeMs: field(int32, '0+', 0),
  },
})
