import { api, array, field, ignorable, int16, int32, string } from '../schema.ts'

export const listGroups = api({
  key: 16,
  name: 'ListGroups',
  versions: '0-5',
  flexible: '3+',
  request: {
    statesFilter: field(array(string), '4+', []),
    typesFilter: field(array(string), '5+', []),
  },
  response: {
    throttleTimeMs: field(int32, '1+', 0, ignorable),
    errorCode: field(int16),
    groups: field(
      array({
        groupId: field(string),
        protocolType: field(string),
        groupState: field(string, '4+', '', ignorable),
        groupType: field(string, '5+', '', ignorable),
      }),
    ),
  },
})
