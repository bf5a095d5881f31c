import { ZERO_UUID } from '../primitives.ts'
import {
  api,
  array,
  bool,
  field,
  ignorable,
  int8,
  int16,
  int32,
  nullable,
  string,
  tagged,
  uuid,
} from '../schema.ts'

export const createTopics = api({
  key: 19,
  name: 'CreateTopics',
  versions: '2-7',
  flexible: '5+',
  request: {
    topics: field(
      array({
        name: field(string),
        numPartitions: field(int32),
        replicationFactor: field(int16),
        assignments: field(
          array({
            partitionIndex: field(int32),
            brokerIds: field(array(int32)),
          }),
        ),
        configs: field(
          array({
            name: field(string),
            value: field(nullable(string)),
          }),
        ),
      }),
    ),
    timeoutMs: field(int32, '0+', 60_000),
    validateOnly: field(bool, '0+', false),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    topics: field(
      array({
        name: field(string),
        topicId: field(uuid, '7+', ZERO_UUID, ignorable),
        errorCode: field(int16),
        errorMessage: field(nullable(string)),
        topicConfigErrorCode: tagged(0, int16, '5+', 0, ignorable),
        numPartitions: field(int32, '5+', -1, ignorable),
        replicationFactor: field(int16, '5+', -1, ignorable),
        configs: field(
          nullable(
            array({
              name: field(string),
              value: field(nullable(string)),
              readOnly: field(bool),
              configSource: field(int8, '0+', -1),
              isSensitive: field(bool),
            }),
          ),
          '5+',
          [],
          ignorable,
        ),
      }),
    ),
  },
})
