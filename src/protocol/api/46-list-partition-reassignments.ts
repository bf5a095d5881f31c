import { api, array, field, int16, int32, nullable, string } from '../schema.ts'

/** ListPartitionReassignments (46): lists the moves of partitions that are under way (KIP-455). */
export const listPartitionReassignments = api({
  key: 46,
  name: 'ListPartitionReassignments',
  versions: '0',
  flexible: '0+',
  request: {
    timeoutMs: field(int32, '0+', 60_000),
    /** null: all. */
    topics: field(
      nullable(
        array({
          name: field(string),
          partitionIndexes: field(array(int32)),
        }),
      ),
      '0+',
      null,
    ),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    errorCode: field(int16),
    errorMessage: field(nullable(string)),
    topics: field(
      array({
        name: field(string),
        partitions: field(
          array({
            partitionIndex: field(int32),
            replicas: field(array(int32)),
            addingReplicas: field(array(int32)),
            removingReplicas: field(array(int32)),
          }),
        ),
      }),
    ),
  },
})
