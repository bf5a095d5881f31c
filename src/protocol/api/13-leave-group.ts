import { api, array, field, ignorable, int16, int32, nullable, string } from '../schema.ts'

/** LeaveGroup (13): takes members out of a classic group.
 *  v3 names several members, by member or instance id (KIP-345) · v4 is flexible · v5 adds
 *  reason (KIP-800). */
export const leaveGroup = api({
  key: 13,
  name: 'LeaveGroup',
  versions: '0-5',
  flexible: '4+',
  request: {
    groupId: field(string),
    memberId: field(string, '0-2', ''),
    members: field(
      array({
        memberId: field(string),
        groupInstanceId: field(nullable(string), '0+', null),
        reason: field(nullable(string), '5+', null, ignorable),
      }),
      '3+',
      [],
    ),
  },
  response: {
    throttleTimeMs: field(int32, '1+', 0, ignorable),
    errorCode: field(int16),
    members: field(
      array({
        memberId: field(string),
        groupInstanceId: field(nullable(string)),
        errorCode: field(int16),
      }),
      '3+',
      [],
    ),
  },
})
