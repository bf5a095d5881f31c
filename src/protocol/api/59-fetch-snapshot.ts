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
  uint16,
  uuid,
} from '../schema.ts'

/** FetchSnapshot (59): reads a snapshot of the metadata log in pieces (KIP-630).
 *  v1 adds replicaDirectoryId and leader endpoints (KIP-853). */
export const fetchSnapshot = api({
  key: 59,
  name: 'FetchSnapshot',
  versions: '0-1',
  flexible: '0+',
  request: {
    clusterId: tagged(0, nullable(string), '0+', null),
    replicaId: field(int32, '0+', -1),
    maxBytes: field(int32, '0+', 0x7fffffff),
    topics: field(
      array({
        name: field(string),
        partitions: field(
          array({
            partition: field(int32),
            currentLeaderEpoch: field(int32),
            snapshotId: field(
              struct({
                endOffset: field(int64),
                epoch: field(int32),
              }),
            ),
            /** Bytes from the start of the snapshot. */
            position: field(int64),
            replicaDirectoryId: tagged(0, uuid, '1+', ZERO_UUID, ignorable),
          }),
        ),
      }),
    ),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    errorCode: field(int16),
    topics: field(
      array({
        name: field(string),
        partitions: field(
          array({
            index: field(int32),
            errorCode: field(int16),
            snapshotId: field(
              struct({
                endOffset: field(int64),
                epoch: field(int32),
              }),
            ),
            currentLeader: tagged(
              0,
              struct({
                leaderId: field(int32),
                leaderEpoch: field(int32),
              }),
            ),
            /** Bytes of the whole snapshot. */
            size: field(int64),
            /** Bytes from the start of the snapshot. */
            position: field(int64),
            /** May be cut anywhere, not only between batches. */
            unalignedRecords: field(records),
          }),
        ),
      }),
    ),
    nodeEndpoints: tagged(
      0,
      array({
        nodeId: field(int32),
        host: field(string),
        port: field(uint16),
      }),
      '1+',
    ),
  },
})
