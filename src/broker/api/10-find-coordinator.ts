import { findCoordinator } from '../../protocol/api/10-find-coordinator.ts'
import { errors, KafkaError } from '../../protocol/errors.ts'
import { handler } from '../handler.ts'

/** Kinds of key besides group (0) and transactional id (1), and the first version that knows it. */
const SHARE_PARTITION = 2
const SHARE_VERSION = 6
/** `group:topicId:partition` */
const SHARE_KEY = /^[^:]+:[\w-]{22}:\d+$/
/** The first version that asks for many keys at once (KIP-699). */
const BATCHED_VERSION = 4

/**
 * Says which broker coordinates a group or a transactional id: on one broker, this one.
 * Knowingly absent: the coordinators. Their APIs are missing from ApiVersions, from which clients see
 * at once that groups and transactions are not served, instead of asking for a coordinator for ever.
 */
export default handler(findCoordinator, (request, context) => {
  checkKeyType(request.keyType, context.apiVersion)
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
    coordinators: request.coordinatorKeys.map((key) => {
      const isKey = request.keyType !== SHARE_PARTITION || SHARE_KEY.test(key)
      const place = isKey ? { nodeId, host, port } : { nodeId: -1, host: '', port: -1 }
      const error = isKey ? 'NONE' : 'INVALID_REQUEST'
      return { key, ...place, errorCode: errors[error].code, errorMessage: '' }
    }),
  }
})

function checkKeyType(keyType: number, apiVersion: number): void {
  const most = apiVersion >= SHARE_VERSION ? SHARE_PARTITION : SHARE_PARTITION - 1
  if (keyType >= 0 && keyType <= most) return
  throw new KafkaError(
    'INVALID_REQUEST',
    `coordinator key type ${keyType} is not known in v${apiVersion}`,
  )
}
