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
  string,
  uuid,
} from '../schema.ts'

/** OffsetCommit (8): stores the offsets a group has consumed up to.
 *  v3 answers throttleTimeMs · v5 drops retentionTimeMs (KIP-211) · v6 adds committedLeaderEpoch
 *  (KIP-320) · v7 adds groupInstanceId (KIP-345) · v8 is flexible · v9 serves the consumer
 *  protocol: STALE_MEMBER_EPOCH, GROUP_ID_NOT_FOUND (KIP-848) · v10 names topics by id. */
export const offsetCommit = api({
  key: 8,
  name: 'OffsetCommit',
  versions: '2-10',
  flexible: '8+',
  hot: true,
  request: {
    groupId: field(string),
    /** A generation in the classic protocol, an epoch in the consumer protocol; -1: not a
     *  member. */
    generationIdOrMemberEpoch: field(int32, '0+', -1),
    memberId: field(string),
    groupInstanceId: field(nullable(string), '7+', null),
    /** -1: as the broker is configured. */
    retentionTimeMs: field(int64, '2-4', -1, ignorable),
    topics: field(
      array({
        name: field(string, '0-9', '', ignorable),
        topicId: field(uuid, '10+', ZERO_UUID, ignorable),
        partitions: field(
          array({
            partitionIndex: field(int32),
            committedOffset: field(int64),
            /** Of the last record consumed; -1: unknown. */
            committedLeaderEpoch: field(int32, '6+', -1, ignorable),
            /** Free text of the consumer. */
            committedMetadata: field(nullable(string)),
          }),
        ),
      }),
    ),
  },
  response: {
    throttleTimeMs: field(int32, '3+', 0, ignorable),
    topics: field(
      array({
        name: field(string, '0-9', '', ignorable),
        topicId: field(uuid, '10+', ZERO_UUID, ignorable),
        partitions: field(
          array({
            partitionIndex: field(int32),
            errorCode: field(int16),
          }),
        ),
      }),
    ),
  },
})
