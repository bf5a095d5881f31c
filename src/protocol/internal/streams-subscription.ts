/** User data in the subscription of a classic Streams member. Its first field is its version. */

import { EMPTY_BYTES } from '../../kernel/bytes.ts'
import {
  array,
  bytes,
  field,
  int8,
  int32,
  int64,
  message,
  nullable,
  string,
  uuid,
} from '../schema.ts'

const taskId = {
  topicGroupId: field(int32),
  partition: field(int32),
}

const partitionToOffsetSum = {
  partition: field(int32),
  offsetSum: field(int64),
}

const taskOffsetSum = {
  topicGroupId: field(int32),
  partition: field(int32, '10+', 0),
  offsetSum: field(int64, '10+', 0),
  namedTopology: field(nullable(string), '10+', ''),
  partitionToOffsetSum: field(array(partitionToOffsetSum), '7-9', []),
}

const clientTag = {
  key: field(bytes),
  value: field(bytes),
}

/** What a classic Streams member tells the assignor.
 *  v2 adds userEndPoint · v3 adds latestSupportedVersion · v7 replaces task lists by offset sums
 *  (KIP-441) · v8 adds uniqueField · v9 adds errorCode · v10 names topologies · v11 adds
 *  clientTags (KIP-708). */
export const subscriptionInfoData = message({
  name: 'SubscriptionInfoData',
  versions: '1-11',
  flexible: 'none',
  fields: {
    version: field(int32),
    latestSupportedVersion: field(int32, '3+', -1),
    processId: field(uuid),
    prevTasks: field(array(taskId), '1-6', []),
    standbyTasks: field(array(taskId), '1-6', []),
    /** `host:port` for interactive queries, in UTF-8. */
    userEndPoint: field(bytes, '2+', EMPTY_BYTES),
    taskOffsetSums: field(array(taskOffsetSum), '7+', []),
    /** Changes whenever a rebalance must not be taken for the last one. */
    uniqueField: field(int8, '8+', 0),
    errorCode: field(int32, '9+', 0),
    clientTags: field(array(clientTag), '11+', []),
  },
})
