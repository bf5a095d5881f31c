import { api, array, bytes, field, int16, int32, int64, nullable, string } from '../schema.ts'

/** DescribeDelegationToken (41): lists delegation tokens (KIP-48).
 *  v2 is flexible · v3 answers who asked for the token (KIP-373). */
export const describeDelegationToken = api({
  key: 41,
  name: 'DescribeDelegationToken',
  versions: '1-3',
  flexible: '2+',
  request: {
    /** null: all. */
    owners: field(
      nullable(
        array({
          principalType: field(string),
          principalName: field(string),
        }),
      ),
    ),
  },
  response: {
    errorCode: field(int16),
    tokens: field(
      array({
        principalType: field(string),
        principalName: field(string),
        tokenRequesterPrincipalType: field(string, '3+', ''),
        tokenRequesterPrincipalName: field(string, '3+', ''),
        issueTimestamp: field(int64),
        expiryTimestamp: field(int64),
        maxTimestamp: field(int64),
        tokenId: field(string),
        hmac: field(bytes),
        renewers: field(
          array({
            principalType: field(string),
            principalName: field(string),
          }),
        ),
      }),
    ),
    throttleTimeMs: field(int32, '0+', 0),
  },
})
