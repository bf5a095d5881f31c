import { ZERO_UUID } from '../primitives.ts'
import {
  api,
  array,
  bool,
  field,
  ignorable,
  int16,
  int32,
  int64,
  nullable,
  string,
  tagged,
  uint16,
  uuid,
} from '../schema.ts'

/** Vote (52): a candidate of the Raft quorum asks for a vote (KIP-595).
 *  v1 adds the voter's key (KIP-853) · v2 adds preVote (KIP-996). */
export const vote = api({
  key: 52,
  name: 'Vote',
  versions: '0-2',
  flexible: '0+',
  request: {
    clusterId: field(nullable(string), '0+', null),
    /** Who is asked. */
    voterId: field(int32, '1+', -1, ignorable),
    topics: field(
      array({
        topicName: field(string),
        partitions: field(
          array({
            partitionIndex: field(int32),
            replicaEpoch: field(int32),
            /** Who asks. */
            replicaId: field(int32),
            replicaDirectoryId: field(uuid, '1+', ZERO_UUID, ignorable),
            voterDirectoryId: field(uuid, '1+', ZERO_UUID, ignorable),
            lastOffsetEpoch: field(int32),
            /** End of the asking voter's log: an older log gets no vote. */
            lastOffset: field(int64),
            /** Ask first whether an election could be won; disturbs nobody. */
            preVote: field(bool, '2+', false),
          }),
        ),
      }),
    ),
  },
  response: {
    errorCode: field(int16),
    topics: field(
      array({
        topicName: field(string),
        partitions: field(
          array({
            partitionIndex: field(int32),
            errorCode: field(int16),
            leaderId: field(int32),
            leaderEpoch: field(int32),
            voteGranted: field(bool),
          }),
        ),
      }),
    ),
    nodeEndpoints: tagged(
      0,
      array({
        nodeId: field(int32),
        host: field(string),
        port: field(uint16),
      }),
      '1+',
    ),
  },
})
