import { describeCluster } from '../../protocol/api/60-describe-cluster.ts'
import { KafkaError } from '../../protocol/errors.ts'
import { ALL_CLUSTER_OPERATIONS, OPERATIONS_NOT_ASKED } from '../authorized-operations.ts'
import { handler } from '../handler.ts'

/** Kinds of endpoint (KIP-919). */
const BROKERS = 1
const CONTROLLERS = 2

/** Names the cluster and its brokers. Controllers have no endpoints of their own here. */
export default handler(describeCluster, (request, { broker, connection }) => {
  if (request.endpointType !== BROKERS) {
    const isKnown = request.endpointType === CONTROLLERS
    throw new KafkaError(
      isKnown ? 'MISMATCHED_ENDPOINT_TYPE' : 'UNSUPPORTED_ENDPOINT_TYPE',
      `this is a broker's listener, the request asks for endpoint type ${request.endpointType}`,
    )
  }
  return {
    errorCode: 0,
    endpointType: BROKERS,
    clusterId: broker.metadata.image.clusterId,
    controllerId: broker.nodeId,
    brokers: broker.endpoints(connection).map(({ nodeId, host, port, rack }) => ({
      brokerId: nodeId,
      host,
      port,
      rack,
      isFenced: false,
    })),
    clusterAuthorizedOperations: request.includeClusterAuthorizedOperations
      ? ALL_CLUSTER_OPERATIONS
      : OPERATIONS_NOT_ASKED,
  }
})
