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

export const vote = api({
  key: 52,
  name: 'Vote',
  versions: '0-2',
  flexible: '0+',
  request: {
    clusterId: field(nullable(string), '0+', null),
    voterId: field(int32, '1+', -1, ignorable),
    topics: field(
      array({
        topicName: field(string),
        partitions: field(
          array({
            partitionIndex: field(int32),
            replicaEpoch: field(int32),
            replicaId: field(int32),
            replicaDirectoryId: field(uuid, '1+', ZERO_UUID, ignorable),
            voterDirectoryId: field(uuid, '1+', ZERO_UUID, ignorable),
            lastOffsetEpoch: field(int32),
            lastOffset: field(int64),
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
