import { api, array, bool, field, int8, int16, int32, nullable, string } from '../schema.ts'

/** DescribeCluster (60): describes the cluster's nodes (KIP-700).
 *  v1 adds endpointType, so that controllers can be asked (KIP-919) · v2 can include fenced
 *  brokers (KIP-1073). */
export const describeCluster = api({
  key: 60,
  name: 'DescribeCluster',
  versions: '0-2',
  flexible: '0+',
  request: {
    includeClusterAuthorizedOperations: field(bool),
    /** 1 brokers, 2 controllers. */
    endpointType: field(int8, '1+', 1),
    includeFencedBrokers: field(bool, '2+', false),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    errorCode: field(int16),
    errorMessage: field(nullable(string), '0+', null),
    /** 1 brokers, 2 controllers. */
    endpointType: field(int8, '1+', 1),
    clusterId: field(string),
    /** A broker names some live broker, which forwards what is for the controller. */
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
    /** One bit per ACL operation; the smallest int32: not asked for. */
    clusterAuthorizedOperations: field(int32, '0+', -2_147_483_648),
  },
})
