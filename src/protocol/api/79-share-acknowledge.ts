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

export const shareAcknowledge = api({
  key: 79,
  name: 'ShareAcknowledge',
  versions: '1-2',
  flexible: '0+',
  request: {
    groupId: field(nullable(string), '0+', null),
    memberId: field(nullable(string)),
    shareSessionEpoch: field(int32),
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
