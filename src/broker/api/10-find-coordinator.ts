import { findCoordinator } from '../../protocol/api/10-find-coordinator.ts'
import { KafkaError } from '../../protocol/errors.ts'
import { handler } from '../handler.ts'

/** Kinds of key: consumer group, transactional id, share-partition. */
const KEY_TYPES = 3
/** The first version that asks for many keys at once (KIP-699). */
const BATCHED_VERSION = 4

/**
 * Says which broker coordinates a group or a transactional id: on one broker, this one.
 * Knowingly absent: the coordinators. Their APIs are missing from ApiVersions, from which clients see
 * at once that groups and transactions are not served, instead of asking for a coordinator for ever.
 */
export default handler(findCoordinator, (request, context) => {
  if (request.keyType < 0 || request.keyType >= KEY_TYPES) {
    throw new KafkaError('INVALID_REQUEST', `coordinator key type ${request.keyType} is not known`)
  }
  const { broker, connection } = context
  const self = broker.endpoints(connection).find(({ nodeId }) => nodeId === broker.nodeId)
  if (self === undefined) {
    throw new KafkaError(
      'COORDINATOR_NOT_AVAILABLE',
      `broker ${broker.nodeId} is not registered yet`,
    )
  }
  const { nodeId, host, port } = self
  if (context.apiVersion < BATCHED_VERSION) {
    return { errorCode: 0, errorMessage: 'NONE', nodeId, host, port }
  }
  return {
    coordinators: request.coordinatorKeys.map((key) => ({
      key,
      nodeId,
      host,
      port,
      errorCode: 0,
      errorMessage: 'NONE',
    })),
  }
})
