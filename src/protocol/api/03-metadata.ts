import { ZERO_UUID } from '../primitives.ts'
import {
  api,
  array,
  bool,
  field,
  ignorable,
  int16,
  int32,
  nullable,
  string,
  uuid,
} from '../schema.ts'

/** Metadata (3): tells the brokers, and the leaders and replicas of topics.
 *  v1 adds racks, the controller and isInternal; null then asks for all topics · v2 adds
 *  clusterId · v4 adds allowAutoTopicCreation · v5 adds offlineReplicas (KIP-112) · v7 adds
 *  leaderEpoch (KIP-320) · v8 adds authorized operations (KIP-430) · v9 is flexible · v10 adds
 *  topicId (KIP-516) · v11 leaves the cluster's operations to DescribeCluster (KIP-700) · v12
 *  allows asking by id alone · v13 answers a top-level error (KIP-1102). */
export const metadata = api({
  key: 3,
  name: 'Metadata',
  versions: '0-13',
  flexible: '9+',
  hot: true,
  request: {
    /** null: all (in v0, where it cannot be null, an empty list says so); empty: none. */
    topics: field(
      nullable(
        array({
          topicId: field(uuid, '10+', ZERO_UUID, ignorable),
          /** null: only the id is known. */
          name: field(nullable(string, '10+')),
        }),
        '1+',
      ),
    ),
    allowAutoTopicCreation: field(bool, '4+', true),
    includeClusterAuthorizedOperations: field(bool, '8-10', false),
    includeTopicAuthorizedOperations: field(bool, '8+', false),
  },
  response: {
    throttleTimeMs: field(int32, '3+', 0, ignorable),
    brokers: field(
      array({
        nodeId: field(int32),
        host: field(string),
        port: field(int32),
        rack: field(nullable(string), '1+', null, ignorable),
      }),
    ),
    clusterId: field(nullable(string), '2+', null, ignorable),
    controllerId: field(int32, '1+', -1, ignorable),
    topics: field(
      array({
        errorCode: field(int16),
        /** null: asked for by an id that does not exist. */
        name: field(nullable(string, '12+')),
        topicId: field(uuid, '10+', ZERO_UUID, ignorable),
        isInternal: field(bool, '1+', false, ignorable),
        partitions: field(
          array({
            errorCode: field(int16),
            partitionIndex: field(int32),
            /** -1: none now. */
            leaderId: field(int32),
            leaderEpoch: field(int32, '7+', -1, ignorable),
            replicaNodes: field(array(int32)),
            isrNodes: field(array(int32)),
            /** Replicas on brokers or disks that are gone. */
            offlineReplicas: field(array(int32), '5+', [], ignorable),
          }),
        ),
        /** One bit per ACL operation; the smallest int32: not asked for. */
        topicAuthorizedOperations: field(int32, '8+', -2_147_483_648),
      }),
    ),
    /** One bit per ACL operation; the smallest int32: not asked for. */
    clusterAuthorizedOperations: field(int32, '8-10', -2_147_483_648),
    errorCode: field(int16, '13+', 0, ignorable),
  },
})
