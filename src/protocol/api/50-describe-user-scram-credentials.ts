import { api, array, field, int8, int16, int32, nullable, string } from '../schema.ts'

export const describeUserScramCredentials = api({
  key: 50,
  name: 'DescribeUserScramCredentials',
  versions: '0',
  flexible: '0+',
  request: {
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
            mechanism: field(int8),
            iterations: field(int32),
          }),
        ),
      }),
    ),
  },
})
