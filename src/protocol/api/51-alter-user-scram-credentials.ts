import { api, array, bytes, field, int8, int16, int32, nullable, string } from '../schema.ts'

/** AlterUserScramCredentials (51): sets and deletes SCRAM credentials (KIP-554). */
export const alterUserScramCredentials = api({
  key: 51,
  name: 'AlterUserScramCredentials',
  versions: '0',
  flexible: '0+',
  request: {
    deletions: field(
      array({
        name: field(string),
        /** 1: SCRAM-SHA-256, 2: SCRAM-SHA-512. */
        mechanism: field(int8),
      }),
    ),
    upsertions: field(
      array({
        name: field(string),
        /** 1: SCRAM-SHA-256, 2: SCRAM-SHA-512. */
        mechanism: field(int8),
        iterations: field(int32),
        salt: field(bytes),
        /** The client derives it, so that the password does not travel. */
        saltedPassword: field(bytes),
      }),
    ),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    results: field(
      array({
        user: field(string),
        errorCode: field(int16),
        errorMessage: field(nullable(string)),
      }),
    ),
  },
})
