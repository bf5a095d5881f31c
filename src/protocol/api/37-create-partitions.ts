import { api, array, bool, field, int16, int32, nullable, string } from '../schema.ts'

export const createPartitions = api({
  key: 37,
  name: 'CreatePartitions',
  versions: '0-3',
  flexible: '2+',
  request: {
    topics: field(
      array({
        name: field(string),
        count: field(int32),
        assignments: field(
          nullable(
            array({
              brokerIds: field(array(int32)),
            }),
          ),
        ),
      }),
    ),
    timeoutMs: field(int32),
    validateOnly: field(bool),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    results: field(
      array({
        name: field(string),
        errorCode: field(int16),
        errorMessage: field(nullable(string), '0+', null),
      }),
    ),
  },
})
