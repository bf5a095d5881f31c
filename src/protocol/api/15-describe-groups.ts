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

export const describeGroups = api({
  key: 15,
  name: 'DescribeGroups',
  versions: '0-6',
  flexible: '5+',
  request: {
    groups: field(array(string)),
    includeAuthorizedOperations: field(bool, '3+', false),
  },
  response: {
    throttleTimeMs: field(int32, '1+', 0, ignorable),
    groups: field(
      array({
        errorCode: field(int16),
        errorMessage: field(nullable(string), '6+', null),
        groupId: field(string),
        groupState: field(string),
        protocolType: field(string),
        protocolData: field(string),
        members: field(
          array({
            memberId: field(string),
            groupInstanceId: field(nullable(string), '4+', null, ignorable),
            clientId: field(string),
            clientHost: field(string),
            memberMetadata: field(bytes),
            memberAssignment: field(bytes),
          }),
        ),
        authorizedOperations: field(int32, '3+', -2_147_483_648),
      }),
    ),
  },
})
