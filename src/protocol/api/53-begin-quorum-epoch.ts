import { ZERO_UUID } from '../primitives.ts'
import {
  api,
  array,
  field,
  ignorable,
  int16,
  int32,
  nullable,
  string,
  tagged,
  uint16,
  uuid,
} from '../schema.ts'

/** BeginQuorumEpoch (53): a new leader of the Raft quorum announces itself (KIP-595).
 *  v1 is flexible and adds voter keys and endpoints (KIP-853). */
export const beginQuorumEpoch = api({
  key: 53,
  name: 'BeginQuorumEpoch',
  versions: '0-1',
  flexible: '1+',
  request: {
    clusterId: field(nullable(string), '0+', null),
    voterId: field(int32, '1+', -1, ignorable),
    topics: field(
      array({
        topicName: field(string),
        partitions: field(
          array({
            partitionIndex: field(int32),
            voterDirectoryId: field(uuid, '1+', ZERO_UUID, ignorable),
            leaderId: field(int32),
            leaderEpoch: field(int32),
          }),
        ),
      }),
    ),
    leaderEndpoints: field(
      array({
        name: field(string),
        host: field(string),
        port: field(uint16),
      }),
      '1+',
      [],
      ignorable,
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
