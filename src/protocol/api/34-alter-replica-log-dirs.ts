import { api, array, field, int16, int32, string } from '../schema.ts'

/** AlterReplicaLogDirs (34): moves replicas between the log directories of one broker (KIP-113).
 *  v2 is flexible. */
export const alterReplicaLogDirs = api({
  key: 34,
  name: 'AlterReplicaLogDirs',
  versions: '1-2',
  flexible: '2+',
  request: {
    dirs: field(
      array({
        path: field(string),
        topics: field(
          array({
            name: field(string),
            partitions: field(array(int32)),
          }),
        ),
      }),
    ),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    results: field(
      array({
        topicName: field(string),
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
