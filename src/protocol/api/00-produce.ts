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
  records,
  string,
  struct,
  tagged,
  uuid,
} from '../schema.ts'

/** Produce (0): appends record batches to partitions.
 *  v3 is the first that carries batches of format v2 · v5 answers logStartOffset · v7 allows
 *  zstd (KIP-110) · v8 answers recordErrors (KIP-467) · v9 is flexible · v10 answers the current
 *  leader with its address (KIP-951) · v11 may answer TRANSACTION_ABORTABLE · v12 adds
 *  partitions to the transaction by itself (KIP-890) · v13 names topics by id (KIP-516).
 *  Not answered at all when acks is 0. ApiVersions must offer it from v0 on, or librdkafka gives
 *  up compression (KAFKA-18659). */
export const produce = api({
  key: 0,
  name: 'Produce',
  versions: '3-13',
  flexible: '9+',
  hot: true,
  request: {
    /** null: outside of transactions. */
    transactionalId: field(nullable(string), '0+', null),
    /** -1: all in-sync replicas, 1: the leader, 0: nobody, and no answer. */
    acks: field(int16),
    /** How long to wait for the replicas when acks is -1. */
    timeoutMs: field(int32),
    topicData: field(
      array({
        name: field(string, '0-12', '', ignorable),
        topicId: field(uuid, '13+', ZERO_UUID, ignorable),
        partitionData: field(
          array({
            index: field(int32),
            /** One batch of format v2. */
            records: field(nullable(records)),
          }),
        ),
      }),
    ),
  },
  response: {
    responses: field(
      array({
        name: field(string, '0-12', '', ignorable),
        topicId: field(uuid, '13+', ZERO_UUID, ignorable),
        partitionResponses: field(
          array({
            index: field(int32),
            errorCode: field(int16),
            /** Of the first record; -1 with an error. */
            baseOffset: field(int64),
            /** -1 unless the topic takes the time of the broker. */
            logAppendTimeMs: field(int64, '0+', -1),
            logStartOffset: field(int64, '5+', -1, ignorable),
            /** Records because of which the whole batch was refused. */
            recordErrors: field(
              array({
                /** Position of the record in the batch. */
                batchIndex: field(int32),
                batchIndexErrorMessage: field(nullable(string), '0+', null),
              }),
              '8+',
              [],
              ignorable,
            ),
            errorMessage: field(nullable(string), '8+', null, ignorable),
            /** Given with NOT_LEADER_OR_FOLLOWER, so that the client need not ask for metadata. */
            currentLeader: tagged(
              0,
              struct({
                leaderId: field(int32, '0+', -1),
                leaderEpoch: field(int32, '0+', -1),
              }),
              '10+',
            ),
          }),
        ),
      }),
    ),
    throttleTimeMs: field(int32, '0+', 0),
    /** Addresses of the leaders named above. */
    nodeEndpoints: tagged(
      0,
      array({
        nodeId: field(int32),
        host: field(string),
        port: field(int32),
        rack: field(nullable(string), '0+', null),
      }),
      '10+',
    ),
  },
})
