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

export const metadata = api({
  key: 3,
  name: 'Metadata',
  versions: '0-13',
  flexible: '9+',
  hot: true,
  request: {
    topics: field(
      nullable(
        array({
          topicId: field(uuid, '10+', ZERO_UUID, ignorable),
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
        name: field(nullable(string, '12+')),
        topicId: field(uuid, '10+', ZERO_UUID, ignorable),
        isInternal: field(bool, '1+', false, ignorable),
        partitions: field(
          array({
            errorCode: field(int16),
            partitionIndex: field(int32),
            leaderId: field(int32),
            leaderEpoch: field(int32, '7+', -1, ignorable),
            replicaNodes: field(array(int32)),
            isrNodes: field(array(int32)),
            offlineReplicas: field(array(int32), '5+', [], ignorable),
          }),
        ),
        topicAuthorizedOperations: field(int32, '8+', -2_147_483_648),
      }),
    ),
    clusterAuthorizedOperations: field(int32, '8-10', -2_147_483_648),
    errorCode: field(int16, '13+', 0, ignorable),
  },
})
