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

export const offsetCommit = api({
  key: 8,
  name: 'OffsetCommit',
  versions: '2-10',
  flexible: '8+',
  hot: true,
  request: {
    groupId: field(string),
    generationIdOrMemberEpoch: field(int32, '0+', -1),
    memberId: field(string),
    groupInstanceId: field(nullable(string), '7+', null),
    retentionTimeMs: field(int64, '2-4', -1, ignorable),
    topics: field(
      array({
        name: field(string, '0-9', '', ignorable),
        topicId: field(uuid, '10+', ZERO_UUID, ignorable),
        partitions: field(
          array({
            partitionIndex: field(int32),
            committedOffset: field(int64),
            committedLeaderEpoch: field(int32, '6+', -1, ignorable),
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
