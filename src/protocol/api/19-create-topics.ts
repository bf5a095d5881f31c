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

/** CreateTopics (19): creates topics.
 *  v4 lets the broker choose counts with -1 (KIP-464) · v5 is flexible and answers counts and
 *  configs (KIP-525) · v6 may answer THROTTLING_QUOTA_EXCEEDED (KIP-599) · v7 answers topicId
 *  (KIP-516). */
export const createTopics = api({
  key: 19,
  name: 'CreateTopics',
  versions: '2-7',
  flexible: '5+',
  request: {
    topics: field(
      array({
        name: field(string),
        /** -1: the broker's default, or as assigned. */
        numPartitions: field(int32),
        /** -1: the broker's default, or as assigned. */
        replicationFactor: field(int16),
        /** Empty: the broker places the replicas. */
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
        /** Why the configs are not told, TOPIC_AUTHORIZATION_FAILED as a rule. */
        topicConfigErrorCode: tagged(0, int16, '5+', 0, ignorable),
        numPartitions: field(int32, '5+', -1, ignorable),
        replicationFactor: field(int16, '5+', -1, ignorable),
        /** null: not told. */
        configs: field(
          nullable(
            array({
              name: field(string),
              value: field(nullable(string)),
              readOnly: field(bool),
              /** 1 topic, 2 broker, 3 all brokers, 4 file, 5 default, 6 broker logger, 7 client
               *  metrics, 8 group. */
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
