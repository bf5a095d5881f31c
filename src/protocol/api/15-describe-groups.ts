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

/** DescribeGroups (15): describes groups of the classic protocol.
 *  v3 adds authorized operations (KIP-430) · v4 answers groupInstanceId (KIP-345) · v5 is
 *  flexible · v6 answers GROUP_ID_NOT_FOUND, with a message, instead of a dead group (KIP-1043). */
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
        /** Empty when there is no such group to tell of. */
        groupState: field(string),
        protocolType: field(string),
        /** The name of the chosen assignor. */
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
        /** One bit per ACL operation; the smallest int32: not asked for. */
        authorizedOperations: field(int32, '3+', -2_147_483_648),
      }),
    ),
  },
})
