import { api, array, field, int8, int16, int32, nullable, string } from '../schema.ts'

export const createAcls = api({
  key: 30,
  name: 'CreateAcls',
  versions: '1-3',
  flexible: '2+',
  request: {
    creations: field(
      array({
        resourceType: field(int8),
        resourceName: field(string),
        resourcePatternType: field(int8, '0+', 3),
        principal: field(string),
        host: field(string),
        operation: field(int8),
        permissionType: field(int8),
      }),
    ),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    results: field(
      array({
        errorCode: field(int16),
        errorMessage: field(nullable(string)),
      }),
    ),
  },
})
