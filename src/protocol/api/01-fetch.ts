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

/** Fetch (1): reads record batches, for consumers and for followers alike.
 *  v5 adds logStartOffset · v7 adds sessions, so that only what changed is asked and answered
 *  (KIP-227) · v9 adds currentLeaderEpoch (KIP-320) · v10 allows zstd (KIP-110) · v11 adds
 *  rackId and preferredReadReplica (KIP-392) · v12 is flexible and lets followers find where
 *  logs part (KIP-595) · v13 names topics by id (KIP-516) · v14 may answer
 *  OFFSET_MOVED_TO_TIERED_STORAGE (KIP-405) · v15 replaces replicaId by replicaState (KIP-903) ·
 *  v16 answers addresses of new leaders (KIP-951) · v17 adds replicaDirectoryId (KIP-853) · v18
 *  adds highWatermark (KIP-1166). */
export const fetch = api({
  key: 1,
  name: 'Fetch',
  versions: '4-18',
  flexible: '12+',
  hot: true,
  request: {
    /** Checked when given: metadata is fetched before a broker has registered. */
    clusterId: tagged(0, nullable(string), '12+', null, ignorable),
    /** -1: a consumer. */
    replicaId: field(int32, '0-14', -1),
    replicaState: tagged(
      1,
      struct({
        /** -1: a consumer. */
        replicaId: field(int32, '0+', -1),
        /** The broker epoch of the follower, so that an old incarnation is not counted as in
         *  sync. */
        replicaEpoch: field(int64, '0+', -1),
      }),
      '15+',
    ),
    maxWaitMs: field(int32),
    /** The answer waits for that many bytes, or maxWaitMs. */
    minBytes: field(int32),
    /** Exceeded when the first batch alone is larger (KIP-74). */
    maxBytes: field(int32, '0+', 0x7fffffff),
    /** 0: read_uncommitted, 1: read_committed. */
    isolationLevel: field(int8, '0+', 0),
    /** 0: none yet. */
    sessionId: field(int32, '7+', 0, ignorable),
    /** 0 opens a session, -1 does without; else the number of the request in it. */
    sessionEpoch: field(int32, '7+', -1, ignorable),
    /** In a session: what is new or has changed. */
    topics: field(
      array({
        topic: field(string, '0-12', '', ignorable),
        topicId: field(uuid, '13+', ZERO_UUID, ignorable),
        partitions: field(
          array({
            partition: field(int32),
            /** -1: not checked. */
            currentLeaderEpoch: field(int32, '9+', -1, ignorable),
            fetchOffset: field(int64),
            /** Of the record before fetchOffset; shows whether the logs have parted. */
            lastFetchedEpoch: field(int32, '12+', -1),
            /** Of the follower; -1 from a consumer. */
            logStartOffset: field(int64, '5+', -1, ignorable),
            partitionMaxBytes: field(int32),
            replicaDirectoryId: tagged(0, uuid, '17+', ZERO_UUID, ignorable),
            /** As the follower knows it. -1: unknown; the largest int64: it takes no part (hence
             *  not a number). */
            highWatermark: tagged(1, bigint64, '18+', 9223372036854775807n, ignorable),
          }),
        ),
      }),
    ),
    /** Partitions that leave the session. */
    forgottenTopicsData: field(
      array({
        topic: field(string, '7-12', '', ignorable),
        topicId: field(uuid, '13+', ZERO_UUID, ignorable),
        partitions: field(array(int32)),
      }),
      '7+',
      [],
    ),
    /** Lets the leader name a replica closer to the consumer (KIP-392). */
    rackId: field(string, '11+', '', ignorable),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    errorCode: field(int16, '7+', 0, ignorable),
    /** 0: no session. */
    sessionId: field(int32, '7+', 0),
    /** In a session: what has changed. */
    responses: field(
      array({
        topic: field(string, '0-12', '', ignorable),
        topicId: field(uuid, '13+', ZERO_UUID, ignorable),
        partitions: field(
          array({
            partitionIndex: field(int32),
            errorCode: field(int16),
            highWatermark: field(int64),
            /** Every transaction before it has ended. */
            lastStableOffset: field(int64, '0+', -1),
            logStartOffset: field(int64, '5+', -1, ignorable),
            /** Given when the logs have parted: the follower cuts to here. */
            divergingEpoch: tagged(
              0,
              struct({
                epoch: field(int32, '0+', -1),
                endOffset: field(int64, '0+', -1),
              }),
              '12+',
            ),
            /** Given with NOT_LEADER_OR_FOLLOWER and FENCED_LEADER_EPOCH. */
            currentLeader: tagged(
              1,
              struct({
                leaderId: field(int32, '0+', -1),
                leaderEpoch: field(int32, '0+', -1),
              }),
              '12+',
            ),
            /** Given when the offset is only in a snapshot of the metadata log. */
            snapshotId: tagged(
              2,
              struct({
                endOffset: field(int64, '0+', -1),
                epoch: field(int32, '0+', -1),
              }),
              '12+',
            ),
            /** Those that overlap the records, for read_committed; null otherwise. */
            abortedTransactions: field(
              nullable(
                array({
                  producerId: field(int64),
                  firstOffset: field(int64),
                }),
              ),
            ),
            /** -1: stay with the leader. */
            preferredReadReplica: field(int32, '11+', -1),
            /** Whole batches: the first may begin before the offset, the last may be cut. */
            records: field(nullable(records)),
          }),
        ),
      }),
    ),
    /** Addresses of the leaders named above. */
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
