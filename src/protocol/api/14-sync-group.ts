import { api, array, bytes, field, ignorable, int16, int32, nullable, string } from '../schema.ts'

/** SyncGroup (14): hands the leader's assignment to every member of a classic group.
 *  v3 adds groupInstanceId (KIP-345) · v4 is flexible · v5 repeats protocol type and name, so
 *  that a mismatch is noticed (KIP-559). */
export const syncGroup = api({
  key: 14,
  name: 'SyncGroup',
  versions: '0-5',
  flexible: '4+',
  request: {
    groupId: field(string),
    generationId: field(int32),
    memberId: field(string),
    groupInstanceId: field(nullable(string), '3+', null),
    protocolType: field(nullable(string), '5+', null, ignorable),
    protocolName: field(nullable(string), '5+', null, ignorable),
    /** Given by the leader only. */
    assignments: field(
      array({
        memberId: field(string),
        assignment: field(bytes),
      }),
    ),
  },
  response: {
    throttleTimeMs: field(int32, '1+', 0, ignorable),
    errorCode: field(int16),
    protocolType: field(nullable(string), '5+', null, ignorable),
    protocolName: field(nullable(string), '5+', null, ignorable),
    assignment: field(bytes),
  },
})
