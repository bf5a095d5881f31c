import { api, array, field, ignorable, int8, int16, int32, nullable, string } from '../schema.ts'

/** FindCoordinator (10): tells which broker coordinates a group, a transactional id or a share
 *  partition.
 *  v1 adds keyType and errorMessage · v3 is flexible · v4 asks for several keys at once
 *  (KIP-699) · v5 may answer TRANSACTION_ABORTABLE (KIP-890) · v6 knows share partitions
 *  (KIP-932). */
export const findCoordinator = api({
  key: 10,
  name: 'FindCoordinator',
  versions: '0-6',
  flexible: '3+',
  request: {
    key: field(string, '0-3', ''),
    /** 0 group, 1 transactional id, 2 share partition (key `group:topicId:partition`). */
    keyType: field(int8, '1+', 0),
    coordinatorKeys: field(array(string), '4+', []),
  },
  response: {
    throttleTimeMs: field(int32, '1+', 0, ignorable),
    errorCode: field(int16, '0-3', 0),
    errorMessage: field(nullable(string), '1-3', '', ignorable),
    nodeId: field(int32, '0-3', 0),
    host: field(string, '0-3', ''),
    port: field(int32, '0-3', 0),
    coordinators: field(
      array({
        key: field(string),
        nodeId: field(int32),
        host: field(string),
        port: field(int32),
        errorCode: field(int16),
        errorMessage: field(nullable(string)),
      }),
      '4+',
      [],
    ),
  },
})
