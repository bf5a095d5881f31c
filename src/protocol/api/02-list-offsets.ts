import { api, array, field, ignorable, int8, int16, int32, int64, string } from '../schema.ts'

/** ListOffsets (2): finds the offset of a point in time, or the ends of the log.
 *  v2 adds isolationLevel · v4 adds leader epochs (KIP-320) · v5 may answer OFFSET_NOT_AVAILABLE
 *  · v6 is flexible · v7 knows the largest timestamp (KIP-734) · v8 the local start (KIP-405) ·
 *  v9 the end of what is tiered (KIP-1005) · v10 adds timeoutMs for remote lookups (KIP-1075) ·
 *  v11 knows the first offset not tiered yet (KIP-1023). */
export const listOffsets = api({
  key: 2,
  name: 'ListOffsets',
  versions: '1-11',
  flexible: '6+',
  request: {
    /** -1: a consumer, -2: a debugging one that may see beyond the high watermark. */
    replicaId: field(int32),
    /** 0: read_uncommitted, 1: read_committed. */
    isolationLevel: field(int8, '2+', 0),
    topics: field(
      array({
        name: field(string),
        partitions: field(
          array({
            partitionIndex: field(int32),
            /** -1: not checked. */
            currentLeaderEpoch: field(int32, '4+', -1, ignorable),
            /** Ms, or -1 end, -2 start, -3 largest timestamp, -4 local start, -5 end of what is
             *  tiered, -6 first not tiered. */
            timestamp: field(int64),
          }),
        ),
      }),
    ),
    /** For lookups in remote storage. */
    timeoutMs: field(int32, '10+', 0, ignorable),
  },
  response: {
    throttleTimeMs: field(int32, '2+', 0, ignorable),
    topics: field(
      array({
        name: field(string),
        partitions: field(
          array({
            partitionIndex: field(int32),
            errorCode: field(int16),
            /** Of the record found; -1 for the special positions and for none. */
            timestamp: field(int64, '0+', -1),
            /** -1: no record is that young. */
            offset: field(int64, '0+', -1),
            leaderEpoch: field(int32, '4+', -1),
          }),
        ),
      }),
    ),
  },
})
