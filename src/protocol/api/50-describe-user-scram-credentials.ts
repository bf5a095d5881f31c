import { api, array, field, int8, int16, int32, nullable, string } from '../schema.ts'

/** DescribeUserScramCredentials (50): tells which SCRAM credentials users have, never the
 *  secrets (KIP-554). */
export const describeUserScramCredentials = api({
  key: 50,
  name: 'DescribeUserScramCredentials',
  versions: '0',
  flexible: '0+',
  request: {
    /** null or empty: all. */
    users: field(
      nullable(
        array({
          name: field(string),
        }),
      ),
    ),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    errorCode: field(int16),
    errorMessage: field(nullable(string)),
    results: field(
      array({
        user: field(string),
        errorCode: field(int16),
        errorMessage: field(nullable(string)),
        credentialInfos: field(
          array({
            /** 1: SCRAM-SHA-256, 2: SCRAM-SHA-512. */
            mechanism: field(int8),
            iterations: field(int32),
          }),
        ),
      }),
    ),
  },
})
