import { api, array, field, int8, int16, int32, nullable, string } from '../schema.ts'

export const describeAcls = api({
  key: 29,
  name: 'DescribeAcls',
  versions: '1-3',
  flexible: '2+',
  request: {
    resourceTypeFilter: field(int8),
    resourceNameFilter: field(nullable(string)),
    patternTypeFilter: field(int8, '0+', 3),
    principalFilter: field(nullable(string)),
    hostFilter: field(nullable(string)),
    operation: field(int8),
    permissionType: field(int8),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    errorCode: field(int16),
    errorMessage: field(nullable(string)),
    resources: field(
      array({
        resourceType: field(int8),
        resourceName: field(string),
        patternType: field(int8, '0+', 3),
        acls: field(
          array({
            principal: field(string),
            host: field(string),
            operation: field(int8),
            permissionType: field(int8),
          }),
        ),
      }),
    ),
  },
})
