import { api, array, field, int16, int32, string } from '../schema.ts'

/** DeleteGroups (42): deletes groups without members (KIP-229).
 *  v2 is flexible. */
export const deleteGroups = api({
  key: 42,
  name: 'DeleteGroups',
  versions: '0-2',
  flexible: '2+',
  request: {
    groupsNames: field(array(string)),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    results: field(
      array({
        groupId: field(string),
        errorCode: field(int16),
      }),
    ),
  },
})
