import { api, array, bool, field, int8, int16, int32, nullable, string } from '../schema.ts'

export const describeCluster = api({
  key: 60,
  name: 'DescribeCluster',
  versions: '0-2',
  flexible: '0+',
  request: {
    includeClusterAuthorizedOperations: field(bool),
    endpointType: field(int8, '1+', 1),
    includeFencedBrokers: field(bool, '2+', false),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    errorCode: field(int16),
    errorMessage: field(nullable(string), '0+', null),
    endpointType: field(int8, '1+', 1),
    clusterId: field(string),
    controllerId: field(int32, '0+', -1),
    brokers: field(
      array({
        brokerId: field(int32),
        host: field(string),
        port: field(int32),
        rack: field(nullable(string), '0+', null),
        isFenced: field(bool, '2+', false),
      }),
    ),
    clusterAuthorizedOperations: field(int32, '0+', -2_147_483_648),
  },
})
