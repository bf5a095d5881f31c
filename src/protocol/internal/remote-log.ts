/** `__remote_log_metadata`: which segments lie in remote storage (KIP-405). Records are framed
 *  by three varints (`encodeTyped`). */

import {
  array,
  bool,
  bytes,
  field,
  int8,
  int32,
  int64,
  message,
  nullable,
  string,
  struct,
  tagged,
  uuid,
} from '../schema.ts'

/** A segment is being copied, or has been. */
export const remoteLogSegmentMetadataRecord = message({
  key: 0,
  name: 'RemoteLogSegmentMetadataRecord',
  versions: '0',
  flexible: '0+',
  fields: {
    remoteLogSegmentId: field(
      struct({
        topicIdPartition: field(
          struct({
            name: field(string),
            id: field(uuid),
            partition: field(int32),
          }),
        ),
        id: field(uuid),
      }),
    ),
    startOffset: field(int64),
    endOffset: field(int64),
    brokerId: field(int32),
    maxTimestampMs: field(int64),
    eventTimestampMs: field(int64),
    segmentLeaderEpochs: field(
      array({
        leaderEpoch: field(int32),
        offset: field(int64),
      }),
    ),
    segmentSizeInBytes: field(int32),
    /** Opaque, of the storage plug-in. */
    customMetadata: field(nullable(bytes), '0+', null),
    /** 0 copy started, 1 copied, 2 deletion started, 3 deleted. */
    remoteLogSegmentState: field(int8),
    txnIndexEmpty: tagged(0, bool),
  },
})

/** A remote segment has changed its state. */
export const remoteLogSegmentMetadataUpdateRecord = message({
  key: 1,
  name: 'RemoteLogSegmentMetadataUpdateRecord',
  versions: '0',
  flexible: '0+',
  fields: {
    remoteLogSegmentId: field(
      struct({
        topicIdPartition: field(
          struct({
            name: field(string),
            id: field(uuid),
            partition: field(int32),
          }),
        ),
        id: field(uuid),
      }),
    ),
    brokerId: field(int32),
    eventTimestampMs: field(int64),
    customMetadata: field(nullable(bytes), '0+', null),
    /** 0 copy started, 1 copied, 2 deletion started, 3 deleted. */
    remoteLogSegmentState: field(int8),
  },
})

/** A remote partition is being deleted, or has been. */
export const remotePartitionDeleteMetadataRecord = message({
  key: 2,
  name: 'RemotePartitionDeleteMetadataRecord',
  versions: '0',
  flexible: '0+',
  fields: {
    topicIdPartition: field(
      struct({
        name: field(string),
        id: field(uuid),
        partition: field(int32),
      }),
    ),
    brokerId: field(int32),
    eventTimestampMs: field(int64),
    /** 0 marked, 1 started, 2 finished. */
    remotePartitionDeleteState: field(int8),
  },
})

/** A segment as a snapshot of the cache holds it: the partition is the file's. */
export const remoteLogSegmentMetadataSnapshotRecord = message({
  key: 3,
  name: 'RemoteLogSegmentMetadataSnapshotRecord',
  versions: '0',
  flexible: '0+',
  fields: {
    segmentId: field(uuid),
    startOffset: field(int64),
    endOffset: field(int64),
    brokerId: field(int32),
    maxTimestampMs: field(int64),
    eventTimestampMs: field(int64),
    segmentLeaderEpochs: field(
      array({
        leaderEpoch: field(int32),
        offset: field(int64),
      }),
    ),
    segmentSizeInBytes: field(int32),
    customMetadata: field(nullable(bytes), '0+', null),
    remoteLogSegmentState: field(int8),
    txnIndexEmpty: tagged(0, bool),
  },
})
