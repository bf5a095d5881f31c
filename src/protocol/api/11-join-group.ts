import {
  api,
  array,
  bool,
  bytes,
  field,
  ignorable,
  int16,
  int32,
  nullable,
  string,
} from '../schema.ts'

export const joinGroup = api({
  key: 11,
  name: 'JoinGroup',
  versions: '0-9',
  flexible: '6+',
  request: {
    groupId: field(string),
    sessionTimeoutMs: field(int32),
    rebalanceTimeoutMs: field(int32, '1+', -1, ignorable),
    memberId: field(string),
    groupInstanceId: field(nullable(string), '5+', null),
    protocolType: field(string),
    protocols: field(
      array({
        name: field(string),
        metadata: field(bytes),
      }),
    ),
    reason: field(nullable(string), '8+', null, ignorable),
  },
  response: {
    throttleTimeMs: field(int32, '2+', 0, ignorable),
    errorCode: field(int16),
    generationId: field(int32, '0+', -1),
    protocolType: field(nullable(string), '7+', null, ignorable),
    protocolName: field(nullable(string, '7+')),
    leader: field(string),
    skipAssignment: field(bool, '9+', false),
    memberId: field(string),
    members: field(
      array({
        memberId: field(string),
        groupInstanceId: field(nullable(string), '5+', null, ignorable),
        metadata: field(bytes),
      }),
    ),
  },
})
