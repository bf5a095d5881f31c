import { ZERO_UUID } from '../primitives.ts'
import {
  api,
  array,
  field,
  ignorable,
  int16,
  int32,
  int64,
  nullable,
  string,
  uint16,
  uuid,
} from '../schema.ts'

const replicaState = {
  replicaId: field(int32),
  replicaDirectoryId: field(uuid, '2+', ZERO_UUID),
  logEndOffset: field(int64),
  lastFetchTimestamp: field(int64, '1+', -1, ignorable),
  lastCaughtUpTimestamp: field(int64, '1+', -1, ignorable),
}

export const describeQuorum = api({
  key: 55,
  name: 'DescribeQuorum',
  versions: '0-2',
  flexible: '0+',
  request: {
    topics: field(
      array({
        topicName: field(string),
        partitions: field(
          array({
            partitionIndex: field(int32),
          }),
        ),
      }),
    ),
  },
  response: {
    errorCode: field(int16),
    errorMessage: field(nullable(string), '2+', '', ignorable),
    topics: field(
      array({
        topicName: field(string),
        partitions: field(
          array({
            partitionIndex: field(int32),
            errorCode: field(int16),
            errorMessage: field(nullable(string), '2+', '', ignorable),
            leaderId: field(int32),
            leaderEpoch: field(int32),
            highWatermark: field(int64),
            currentVoters: field(array(replicaState)),
            observers: field(array(replicaState)),
          }),
        ),
      }),
    ),
    nodes: field(
      array({
        nodeId: field(int32),
        listeners: field(
          array({
            name: field(string),
            host: field(string),
            port: field(uint16),
          }),
        ),
      }),
      '2+',
      [],
    ),
  },
})
