import { api, array, field, ignorable, int16, int32, string } from '../schema.ts'

/** ListGroups (16): lists the groups a broker coordinates.
 *  v3 is flexible · v4 adds statesFilter (KIP-518) · v5 adds typesFilter (KIP-848). */
export const listGroups = api({
  key: 16,
  name: 'ListGroups',
  versions: '0-5',
  flexible: '3+',
  request: {
    /** Empty: all. */
    statesFilter: field(array(string), '4+', []),
    /** Empty: all. `classic`, `consumer`, `share`, `streams`. */
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
