import { api, field, int16, int32, nullable, string, uuid } from '../schema.ts'

/** RemoveRaftVoter (81): removes a controller from the Raft quorum (KIP-853). */
export const removeRaftVoter = api({
  key: 81,
  name: 'RemoveRaftVoter',
  versions: '0',
  flexible: '0+',
  request: {
    clusterId: field(nullable(string)),
    voterId: field(int32),
    voterDirectoryId: field(uuid),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    errorCode: field(int16),
    errorMessage: field(nullable(string)),
  },
})
