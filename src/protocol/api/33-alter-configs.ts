import { api, array, bool, field, int8, int16, int32, nullable, string } from '../schema.ts'

export const alterConfigs = api({
  key: 33,
  name: 'AlterConfigs',
  versions: '0-2',
  flexible: '2+',
  request: {
    resources: field(
      array({
        resourceType: field(int8),
        resourceName: field(string),
        configs: field(
          array({
            name: field(string),
            value: field(nullable(string)),
          }),
        ),
      }),
    ),
    validateOnly: field(bool),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    responses: field(
      array({
        errorCode: field(int16),
        errorMessage: field(nullable(string)),
        resourceType: field(int8),
        resourceName: field(string),
      }),
    ),
  },
})
