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

/** DescribeShareGroupOffsets (90): tells the start offsets of a share group (KIP-932).
 *  v1 answers lag (KIP-1226). */
export const describeShareGroupOffsets = api({
  key: 90,
  name: 'DescribeShareGroupOffsets',
  versions: '0-1',
  flexible: '0+',
  request: {
    groups: field(
      array({
        groupId: field(string),
        /** null: all. */
        topics: field(
          nullable(
            array({
              topicName: field(string),
              partitions: field(array(int32)),
            }),
          ),
        ),
      }),
    ),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    groups: field(
      array({
        groupId: field(string),
        topics: field(
          array({
            topicName: field(string),
            topicId: field(uuid),
            partitions: field(
              array({
                partitionIndex: field(int32),
                startOffset: field(int64),
                leaderEpoch: field(int32),
                /** Records not settled yet; -1: unknown. */
                lag: field(int64, '1+', -1, ignorable),
                errorCode: field(int16),
                errorMessage: field(nullable(string), '0+', null),
              }),
            ),
          }),
        ),
        errorCode: field(int16),
        errorMessage: field(nullable(string), '0+', null),
      }),
    ),
  },
})
