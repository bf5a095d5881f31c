import { api, array, field, int8, int16, int32, nullable, string } from '../schema.ts'

export const deleteAcls = api({
  key: 31,
  name: 'DeleteAcls',
  versions: '1-3',
  flexible: '2+',
  request: {
    filters: field(
      array({
        resourceTypeFilter: field(int8),
        resourceNameFilter: field(nullable(string)),
        patternTypeFilter: field(int8, '0+', 3),
        principalFilter: field(nullable(string)),
        hostFilter: field(nullable(string)),
        operation: field(int8),
        permissionType: field(int8),
      }),
    ),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    filterResults: field(
      array({
        errorCode: field(int16),
        errorMessage: field(nullable(string)),
        matchingAcls: field(
          array({
            errorCode: field(int16),
            errorMessage: field(nullable(string)),
            resourceType: field(int8),
            resourceName: field(string),
            patternType: field(int8, '0+', 3),
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
