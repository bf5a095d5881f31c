import { ZERO_UUID } from '../primitives.ts'
import {
  api,
  array,
  bigint64,
  field,
  ignorable,
  int8,
  int16,
  int32,
  int64,
  nullable,
  records,
  string,
  struct,
  tagged,
  uuid,
} from '../schema.ts'

export const fetch = api({
  key: 1,
  name: 'Fetch',
  versions: '4-18',
  flexible: '12+',
  hot: true,
  request: {
    clusterId: tagged(0, nullable(string), '12+', null, ignorable),
    replicaId: field(int32, '0-14', -1),
    replicaState: tagged(
      1,
      struct({
        replicaId: field(int32, '0+', -1),
        replicaEpoch: field(int64, '0+', -1),
      }),
      '15+',
    ),
    maxWaitMs: field(int32),
    minBytes: field(int32),
    maxBytes: field(int32, '0+', 0x7fffffff),
    isolationLevel: field(int8, '0+', 0),
    sessionId: field(int32, '7+', 0, ignorable),
    sessionEpoch: field(int32, '7+', -1, ignorable),
    topics: field(
      array({
        topic: field(string, '0-12', '', ignorable),
        topicId: field(uuid, '13+', ZERO_UUID, ignorable),
        partitions: field(
          array({
            partition: field(int32),
            currentLeaderEpoch: field(int32, '9+', -1, ignorable),
            fetchOffset: field(int64),
            lastFetchedEpoch: field(int32, '12+', -1),
            logStartOffset: field(int64, '5+', -1, ignorable),
            partitionMaxBytes: field(int32),
            replicaDirectoryId: tagged(0, uuid, '17+', ZERO_UUID, ignorable),
            highWatermark: tagged(1, bigint64, '18+', 9223372036854775807n, ignorable),
          }),
        ),
      }),
    ),
    forgottenTopicsData: field(
      array({
        topic: field(string, '7-12', '', ignorable),
        topicId: field(uuid, '13+', ZERO_UUID, ignorable),
        partitions: field(array(int32)),
      }),
      '7+',
      [],
    ),
    rackId: field(string, '11+', '', ignorable),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    errorCode: field(int16, '7+', 0, ignorable),
    sessionId: field(int32, '7+', 0),
    responses: field(
      array({
        topic: field(string, '0-12', '', ignorable),
        topicId: field(uuid, '13+', ZERO_UUID, ignorable),
        partitions: field(
          array({
            partitionIndex: field(int32),
            errorCode: field(int16),
            highWatermark: field(int64),
            lastStableOffset: field(int64, '0+', -1),
            logStartOffset: field(int64, '5+', -1, ignorable),
            divergingEpoch: tagged(
              0,
              struct({
                epoch: field(int32, '0+', -1),
                endOffset: field(int64, '0+', -1),
              }),
              '12+',
            ),
            currentLeader: tagged(
              1,
              struct({
                leaderId: field(int32, '0+', -1),
                leaderEpoch: field(int32, '0+', -1),
              }),
              '12+',
            ),
            snapshotId: tagged(
              2,
              struct({
                endOffset: field(int64, '0+', -1),
                epoch: field(int32, '0+', -1),
              }),
              '12+',
            ),
            abortedTransactions: field(
              nullable(
                array({
                  producerId: field(int64),
                  firstOffset: field(int64),
                }),
              ),
            ),
            preferredReadReplica: field(int32, '11+', -1),
            records: field(nullable(records)),
          }),
        ),
      }),
    ),
    nodeEndpoints: tagged(
      0,
      array({
        nodeId: field(int32),
        host: field(string),
        port: field(int32),
        rack: field(nullable(string), '0+', null),
      }),
      '16+',
    ),
  },
})
