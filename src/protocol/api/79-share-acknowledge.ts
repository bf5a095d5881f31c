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
  string,
  struct,
  uuid,
} from '../schema.ts'

/** ShareAcknowledge (79): settles records that a member of a share group acquired (KIP-932).
 *  v0 was an early access of Kafka 4.0 and is gone · v2 adds renewing (KIP-1222). */
export const shareAcknowledge = api({
  key: 79,
  name: 'ShareAcknowledge',
  versions: '1-2',
  flexible: '0+',
  request: {
    groupId: field(nullable(string), '0+', null),
    memberId: field(nullable(string)),
    /** -1 closes the session; else the number of the request in it. */
    shareSessionEpoch: field(int32),
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
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    errorCode: field(int16),
    errorMessage: field(nullable(string), '0+', null),
    acquisitionLockTimeoutMs: field(int32, '2+', 0, ignorable),
    responses: field(
      array({
        topicId: field(uuid),
        partitions: field(
          array({
            partitionIndex: field(int32),
            errorCode: field(int16),
            errorMessage: field(nullable(string), '0+', null),
            currentLeader: field(
              struct({
                leaderId: field(int32),
                leaderEpoch: field(int32),
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
