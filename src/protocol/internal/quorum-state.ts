/** The file in which a KRaft voter keeps its vote. */

import { ZERO_UUID } from '../primitives.ts'
import { array, field, int32, int64, message, nullable, string, uuid } from '../schema.ts'

/** The `quorum-state` file: what a voter must not forget. Stored as JSON, these are its names
 *  and versions.
 *  v1 leaves the voters to the log and adds directory ids (KIP-853). */
export const quorumStateData = message({
  name: 'QuorumStateData',
  versions: '0-1',
  flexible: '0+',
  fields: {
    clusterId: field(string, '0', ''),
    leaderId: field(int32, '0+', -1),
    leaderEpoch: field(int32, '0+', -1),
    /** -1: no vote in this epoch. */
    votedId: field(int32, '0+', -1),
    votedDirectoryId: field(uuid, '1+', ZERO_UUID),
    appliedOffset: field(int64, '0', 0),
    currentVoters: field(
      nullable(
        array({
          voterId: field(int32),
        }),
      ),
      '0',
      [],
    ),
  },
})
