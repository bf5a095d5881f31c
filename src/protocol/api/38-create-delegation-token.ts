import { api, array, bytes, field, int16, int32, int64, nullable, string } from '../schema.ts'

export const createDelegationToken = api({
  key: 38,
  name: 'CreateDelegationToken',
  versions: '1-3',
  flexible: '2+',
  request: {
    ownerPrincipalType: field(nullable(string), '3+', ''),
    ownerPrincipalName: field(nullable(string), '3+', ''),
    renewers: field(
      array({
        principalType: field(string),
        principalName: field(string),
      }),
    ),
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
    hmac: field(bytes),
    throttleTimeMs: field(int32, '0+', 0),
  },
})
