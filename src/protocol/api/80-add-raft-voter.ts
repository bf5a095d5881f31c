import { api, array, bool, field, int16, int32, nullable, string, uint16, uuid } from '../schema.ts'

/** AddRaftVoter (80): adds a controller to the Raft quorum (KIP-853).
 *  v1 adds ackWhenCommitted. */
export const addRaftVoter = api({
  key: 80,
  name: 'AddRaftVoter',
  versions: '0-1',
  flexible: '0+',
  request: {
    clusterId: field(nullable(string)),
    timeoutMs: field(int32),
    voterId: field(int32),
    voterDirectoryId: field(uuid),
    listeners: field(
      array({
        name: field(string),
        host: field(string),
        port: field(uint16),
      }),
    ),
    /** false: answer as soon as the leader has written it. */
    ackWhenCommitted: field(bool, '1+', true),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    errorCode: field(int16),
    errorMessage: field(nullable(string)),
  },
})
