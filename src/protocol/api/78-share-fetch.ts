import {
  api,
  array,
  bool,
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
  uuid,
} from '../schema.ts'

/** ShareFetch (78): acquires records for a member of a share group, and settles earlier ones
 *  (KIP-932).
 *  v0 was an early access of Kafka 4.0 and is gone · v2 adds shareAcquireMode (KIP-1206) and
 *  renewing (KIP-1222). */
export const shareFetch = api({
  key: 78,
  name: 'ShareFetch',
  versions: '1-2',
  flexible: '0+',
  request: {
    groupId: field(nullable(string), '0+', null),
    memberId: field(nullable(string)),
    /** 0 opens a session, -1 closes it; else the number of the request in it. */
    shareSessionEpoch: field(int32),
    maxWaitMs: field(int32),
    minBytes: field(int32),
    maxBytes: field(int32, '0+', 0x7fffffff),
    /** Records to acquire at most; a batch may exceed it. */
    maxRecords: field(int32),
    /** Records that one acquired range should have. */
    batchSize: field(int32),
    /** 0: whole batches, 1: no more than maxRecords. */
    shareAcquireMode: field(int8, '2+', 0, ignorable),
    /** Some acknowledgements only ask for more time. */
    isRenewAck: field(bool, '2+', false),
    topics: field(
      array({
        topicId: field(uuid),
        partitions: field(
          array({
            partitionIndex: field(int32),
            acknowledgementBatches: field(
              array({
                firstOffset: field(int64),
                lastOffset: field(int64),
                /** One for all records of the range, or one per record. 0 gap, 1 accept, 2
                 *  release, 3 reject, 4 renew (from v2). */
                acknowledgeTypes: field(array(int8)),
              }),
            ),
          }),
        ),
      }),
    ),
    forgottenTopicsData: field(
      array({
        topicId: field(uuid),
        partitions: field(array(int32)),
      }),
    ),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    errorCode: field(int16),
    errorMessage: field(nullable(string), '0+', null),
    /** Time a member has to settle a record. */
    acquisitionLockTimeoutMs: field(int32),
    responses: field(
      array({
        topicId: field(uuid),
        partitions: field(
          array({
            partitionIndex: field(int32),
            errorCode: field(int16),
            errorMessage: field(nullable(string), '0+', null),
            acknowledgeErrorCode: field(int16),
            acknowledgeErrorMessage: field(nullable(string), '0+', null),
            currentLeader: field(
              struct({
                leaderId: field(int32),
                leaderEpoch: field(int32),
              }),
            ),
            records: field(records),
            /** Only these of the records are the member's. */
            acquiredRecords: field(
              array({
                firstOffset: field(int64),
                lastOffset: field(int64),
                deliveryCount: field(int16),
              }),
            ),
          }),
        ),
      }),
    ),
    nodeEndpoints: field(
      array({
        nodeId: field(int32),
        host: field(string),
        port: field(int32),
        rack: field(nullable(string), '0+', null),
      }),
    ),
  },
})
