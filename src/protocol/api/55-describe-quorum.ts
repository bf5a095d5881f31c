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
  /** -1: unknown. */
  logEndOffset: field(int64),
  /** Ms; -1: unknown, or the leader itself. */
  lastFetchTimestamp: field(int64, '1+', -1, ignorable),
  /** Ms at which it had all that the leader then had; -1: unknown. */
  lastCaughtUpTimestamp: field(int64, '1+', -1, ignorable),
}

/** DescribeQuorum (55): tells the state of the Raft quorum (KIP-595).
 *  v1 answers timestamps of fetches (KIP-836) · v2 answers directories, listeners and messages
 *  (KIP-853). */
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
