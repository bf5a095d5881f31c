import {
  api,
  array,
  field,
  int16,
  int32,
  nullable,
  string,
  struct,
  tagged,
  uint16,
  uuid,
} from '../schema.ts'

/** UpdateRaftVoter (82): a controller tells the leader of the Raft quorum its endpoints and
 *  versions (KIP-853). */
export const updateRaftVoter = api({
  key: 82,
  name: 'UpdateRaftVoter',
  versions: '0',
  flexible: '0+',
  request: {
    clusterId: field(nullable(string)),
    currentLeaderEpoch: field(int32),
    voterId: field(int32),
    voterDirectoryId: field(uuid),
    listeners: field(
      array({
        name: field(string),
        host: field(string),
        port: field(uint16),
      }),
    ),
    kRaftVersionFeature: field(
      struct({
        minSupportedVersion: field(int16),
        maxSupportedVersion: field(int16),
      }),
    ),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    errorCode: field(int16),
    currentLeader: tagged(
      0,
      struct({
        leaderId: field(int32, '0+', -1),
        leaderEpoch: field(int32, '0+', -1),
        host: field(string),
        port: field(int32),
      }),
    ),
  },
})
