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

/** OffsetFetch (9): tells the offsets a group has committed.
 *  v2 allows null for all topics, and adds a top-level error · v5 answers leader epochs
 *  (KIP-320) · v6 is flexible · v7 adds requireStable (KIP-447) · v8 asks for several groups at
 *  once (KIP-709) · v9 adds member id and epoch (KIP-848) · v10 names topics by id. */
export const offsetFetch = api({
  key: 9,
  name: 'OffsetFetch',
  versions: '1-10',
  flexible: '6+',
  request: {
    groupId: field(string, '0-7', ''),
    /** null: all. */
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
        /** -1: not a member, not checked. */
        memberEpoch: field(int32, '9+', -1, ignorable),
        /** null: all. */
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
    /** Refuse with UNSTABLE_OFFSET_COMMIT while a transaction may still change the offsets. */
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
            /** -1: none. */
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
                /** -1: none. */
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
