/** `__share_group_state`: delivery states of share partitions (KIP-932), as snapshots and the
 *  updates since. */

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

/** The whole state of a share partition. */
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

/** The whole state of a share partition: updates before it count no more. */
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
        /** 0 available, 2 acknowledged, 4 archived. */
        deliveryState: field(int8),
        deliveryCount: field(int16),
      }),
    ),
  },
})

/** A change of the state of a share partition. */
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

/** A change of the state of a share partition since its last snapshot. */
export const shareUpdateValue = message({
  key: 1,
  name: 'ShareUpdateValue',
  versions: '0',
  flexible: '0+',
  fields: {
    snapshotEpoch: field(int32),
    leaderEpoch: field(int32),
    /** -1: not changed. */
    startOffset: field(int64),
    deliveryCompleteCount: tagged(0, int32, '0+', -1),
    stateBatches: field(
      array({
        firstOffset: field(int64),
        lastOffset: field(int64),
        /** 0 available, 2 acknowledged, 4 archived. */
        deliveryState: field(int8),
        deliveryCount: field(int16),
      }),
    ),
  },
})
