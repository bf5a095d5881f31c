import { api, array, bool, field, ignorable, int16, int32, nullable, string } from '../schema.ts'

/** AlterPartitionReassignments (45): moves partitions to other brokers (KIP-455).
 *  v1 can forbid a change of the replication factor (KIP-860). */
export const alterPartitionReassignments = api({
  key: 45,
  name: 'AlterPartitionReassignments',
  versions: '0-1',
  flexible: '0+',
  request: {
    timeoutMs: field(int32, '0+', 60_000),
    allowReplicationFactorChange: field(bool, '1+', true),
    topics: field(
      array({
        name: field(string),
        partitions: field(
          array({
            partitionIndex: field(int32),
            /** null: cancel the move under way. */
            replicas: field(nullable(array(int32)), '0+', null),
          }),
        ),
      }),
    ),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    allowReplicationFactorChange: field(bool, '1+', true, ignorable),
    errorCode: field(int16),
    errorMessage: field(nullable(string)),
    responses: field(
      array({
        name: field(string),
        partitions: field(
          array({
            partitionIndex: field(int32),
            errorCode: field(int16),
            errorMessage: field(nullable(string)),
          }),
        ),
      }),
    ),
  },
})
