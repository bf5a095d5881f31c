import {
  array,
  field,
  int8,
  int16,
  int32,
  int64,
  message,
  string,
  tagged,
  uuid,
} from '../schema.ts'

export const shareSnapshotKey = message({
  key: 0,
  name: 'ShareSnapshotKey',
  versions: '0',
  flexible: 'none',
  fields: {
    groupId: field(string),
    topicId: field(uuid),
    partition: field(int32),
  },
})

export const shareSnapshotValue = message({
  key: 0,
  name: 'ShareSnapshotValue',
  versions: '0',
  flexible: '0+',
  fields: {
    snapshotEpoch: field(int32),
    stateEpoch: field(int32),
    leaderEpoch: field(int32),
    startOffset: field(int64),
    deliveryCompleteCount: tagged(0, int32, '0+', -1),
    createTimestamp: field(int64),
    writeTimestamp: field(int64),
    stateBatches: field(
      array({
        firstOffset: field(int64),
        lastOffset: field(int64),
        deliveryState: field(int8),
        deliveryCount: field(int16),
      }),
    ),
  },
})

export const shareUpdateKey = message({
  key: 1,
  name: 'ShareUpdateKey',
  versions: '0',
  flexible: 'none',
  fields: {
    groupId: field(string),
    topicId: field(uuid),
    partition: field(int32),
  },
})

export const shareUpdateValue = message({
  key: 1,
  name: 'ShareUpdateValue',
  versions: '0',
  flexible: '0+',
  fields: {
    snapshotEpoch: field(int32),
    leaderEpoch: field(int32),
    startOffset: field(int64),
    deliveryCompleteCount: tagged(0, int32, '0+', -1),
    stateBatches: field(
      array({
        firstOffset: field(int64),
        lastOffset: field(int64),
        deliveryState: field(int8),
        deliveryCount: field(int16),
      }),
    ),
  },
})
