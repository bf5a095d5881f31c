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
    userEndPoint: field(bytes, '2+', EMPTY_BYTES),
    taskOffsetSums: field(array(taskOffsetSum), '7+', []),
    uniqueField: field(int8, '8+', 0),
    errorCode: field(int32, '9+', 0),
    clientTags: field(array(clientTag), '11+', []),
  },
})
