import { api, array, field, ignorable, int16, int32, int64, string } from '../schema.ts'

/** OffsetForLeaderEpoch (23): tells where an epoch of a leader ended, so that a follower or
 *  consumer notices a cut log.
 *  v3 adds replicaId · v4 is flexible. */
export const offsetForLeaderEpoch = api({
  key: 23,
  name: 'OffsetForLeaderEpoch',
  versions: '2-4',
  flexible: '4+',
  request: {
    /** -1: a consumer, -2: a debugging one. */
    replicaId: field(int32, '3+', -2, ignorable),
    topics: field(
      array({
        topic: field(string),
        partitions: field(
          array({
            partition: field(int32),
            /** What the asker takes for current: older is fenced, newer unknown; -1: not
             *  checked. */
            currentLeaderEpoch: field(int32, '0+', -1),
            /** The epoch whose end is asked for. */
            leaderEpoch: field(int32),
          }),
        ),
      }),
    ),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    topics: field(
      array({
        topic: field(string),
        partitions: field(
          array({
            errorCode: field(int16),
            partition: field(int32),
            /** The asked epoch, or the largest below it. */
            leaderEpoch: field(int32, '0+', -1),
            /** The first offset behind that epoch. */
            endOffset: field(int64, '0+', -1),
          }),
        ),
      }),
    ),
  },
})
