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

/** JoinGroup (11): enters a classic group and waits until all its members have.
 *  v1 adds rebalanceTimeoutMs (KIP-62) · v4 demands a second join with the id that the first was
 *  given (KIP-394) · v5 adds groupInstanceId (KIP-345) · v6 is flexible · v7 answers
 *  protocolType (KIP-559) · v8 adds reason (KIP-800) · v9 answers skipAssignment (KIP-814). */
export const joinGroup = api({
  key: 11,
  name: 'JoinGroup',
  versions: '0-9',
  flexible: '6+',
  request: {
    groupId: field(string),
    /** Silence after which the member counts as dead. */
    sessionTimeoutMs: field(int32),
    /** How long the others are waited for; -1 (before v1): the session timeout. */
    rebalanceTimeoutMs: field(int32, '1+', -1, ignorable),
    /** Empty: the first attempt. */
    memberId: field(string),
    groupInstanceId: field(nullable(string), '5+', null),
    /** `consumer` for consumers, `connect` for Connect workers. */
    protocolType: field(string),
    /** By preference, the dearest first. */
    protocols: field(
      array({
        name: field(string),
        /** A subscription, in the form of the protocol type. */
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
    /** The leader keeps the assignment it has. */
    skipAssignment: field(bool, '9+', false),
    memberId: field(string),
    /** Given to the leader only. */
    members: field(
      array({
        memberId: field(string),
        groupInstanceId: field(nullable(string), '5+', null, ignorable),
        metadata: field(bytes),
      }),
    ),
  },
})
