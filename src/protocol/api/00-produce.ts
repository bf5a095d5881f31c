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

export const produce = api({
  key: 0,
  name: 'Produce',
  versions: '3-13',
  flexible: '9+',
  hot: true,
  request: {
    transactionalId: field(nullable(string), '0+', null),
    acks: field(int16),
    timeoutMs: field(int32),
    topicData: field(
      array({
        name: field(string, '0-12', '', ignorable),
        topicId: field(uuid, '13+', ZERO_UUID, ignorable),
        partitionData: field(
          array({
            index: field(int32),
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
            baseOffset: field(int64),
            logAppendTimeMs: field(int64, '0+', -1),
            logStartOffset: field(int64, '5+', -1, ignorable),
            recordErrors: field(
              array({
                batchIndex: field(int32),
                batchIndexErrorMessage: field(nullable(string), '0+', null),
              }),
              '8+',
              [],
              ignorable,
            ),
            errorMessage: field(nullable(string), '8+', null, ignorable),
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
