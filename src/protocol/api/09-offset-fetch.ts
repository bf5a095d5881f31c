import { ZERO_UUID } from '../primitives.ts'
import {
  api,
  array,
  bool,
  field,
  ignorable,
  int16,
  int32,
  int64,
  nullable,
  string,
  uuid,
} from '../schema.ts'

export const offsetFetch = api({
  key: 9,
  name: 'OffsetFetch',
  versions: '1-10',
  flexible: '6+',
  request: {
    groupId: field(string, '0-7', ''),
    topics: field(
      nullable(
        array({
          name: field(string),
          partitionIndexes: field(array(int32)),
        }),
        '2-7',
      ),
      '0-7',
      [],
    ),
    groups: field(
      array({
        groupId: field(string),
        memberId: field(nullable(string), '9+', null, ignorable),
        memberEpoch: field(int32, '9+', -1, ignorable),
        topics: field(
          nullable(
            array({
              name: field(string, '8-9', '', ignorable),
              topicId: field(uuid, '10+', ZERO_UUID, ignorable),
              partitionIndexes: field(array(int32)),
            }),
          ),
        ),
      }),
      '8+',
      [],
    ),
    requireStable: field(bool, '7+', false),
  },
  response: {
    throttleTimeMs: field(int32, '3+', 0, ignorable),
    topics: field(
      array({
        name: field(string),
        partitions: field(
          array({
            partitionIndex: field(int32),
            committedOffset: field(int64),
            committedLeaderEpoch: field(int32, '5+', -1, ignorable),
            metadata: field(nullable(string)),
            errorCode: field(int16),
          }),
        ),
      }),
      '0-7',
      [],
    ),
    errorCode: field(int16, '2-7', 0, ignorable),
    groups: field(
      array({
        groupId: field(string),
        topics: field(
          array({
            name: field(string, '8-9', '', ignorable),
            topicId: field(uuid, '10+', ZERO_UUID, ignorable),
            partitions: field(
              array({
                partitionIndex: field(int32),
                committedOffset: field(int64),
                committedLeaderEpoch: field(int32, '0+', -1),
                metadata: field(nullable(string)),
                errorCode: field(int16),
              }),
            ),
          }),
        ),
        errorCode: field(int16, '0+', 0),
      }),
      '8+',
      [],
    ),
  },
})
