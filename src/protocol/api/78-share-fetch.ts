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

export const shareFetch = api({
  key: 78,
  name: 'ShareFetch',
  versions: '1-2',
  flexible: '0+',
  request: {
    groupId: field(nullable(string), '0+', null),
    memberId: field(nullable(string)),
    shareSessionEpoch: field(int32),
    maxWaitMs: field(int32),
    minBytes: field(int32),
    maxBytes: field(int32, '0+', 0x7fffffff),
    maxRecords: field(int32),
    batchSize: field(int32),
    shareAcquireMode: field(int8, '2+', 0, ignorable),
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
