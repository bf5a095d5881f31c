import { api, array, field, ignorable, int8, int16, int32, string } from '../schema.ts'

export const listConfigResources = api({
  key: 74,
  name: 'ListConfigResources',
  versions: '0-1',
  flexible: '0+',
  request: {
    resourceTypes: field(array(int8), '1+', []),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    errorCode: field(int16),
    configResources: field(
      array({
        resourceName: field(string),
        resourceType: field(int8, '1+', 16, ignorable),
      }),
    ),
  },
})
