import { findCoordinator } from '../../protocol/api/10-find-coordinator.ts'
import { errors, KafkaError } from '../../protocol/errors.ts'
import { handler, type RequestContext } from '../handler.ts'
import type { Endpoint } from '../services.ts'

/** What a key names. */
const GROUP = 0
const SHARE_PARTITION = 2
/** The first version that may ask for share partitions. */
const SHARE_VERSION = 6
/** `group:topicId:partition` */
const SHARE_KEY = /^[^:]+:[\w-]{22}:\d+$/
/** The first version that asks for many keys at once (KIP-699). */
const BATCHED_VERSION = 4

/**
 * Says which broker coordinates a group, a transactional id or a share partition. The first one to ask
 * for a group has `__consumer_offsets` made, and is answered when it is there (Kafka has it ask again).
 * Knowingly absent: coordinators of transactions and of share groups. Whoever asks for one is sent to
 * this broker, where ApiVersions shows at once that it serves neither, instead of asking for ever.
 */
export default handler(findCoordinator, async (request, context) => {
  const { keyType, key, coordinatorKeys } = request
  checkKeyType(keyType, context.apiVersion)
  if (context.apiVersion < BATCHED_VERSION) {
    const { nodeId, host, port } = await coordinatorOf(keyType, key, context)
    return { errorCode: 0, errorMessage: 'NONE', nodeId, host, port }
  }
  const coordinators = await Promise.all(
    coordinatorKeys.map((wanted) => describeOne(keyType, wanted, context)),
  )
  return { coordinators }
})

async function describeOne(keyType: number, key: string, context: RequestContext) {
  try {
    const { nodeId, host, port } = await coordinatorOf(keyType, key, context)
    return { key, nodeId, host, port, errorCode: 0, errorMessage: '' }
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error
    const { code } = errors[error.error]
    return { key, nodeId: -1, host: '', port: -1, errorCode: code, errorMessage: '' }
  }
}

/** @throws KafkaError (rejects) INVALID_REQUEST for a key that is none, COORDINATOR_NOT_AVAILABLE. */
async function coordinatorOf(
  keyType: number,
  key: string,
  { broker, connection }: RequestContext,
): Promise<Endpoint> {
  if (keyType === SHARE_PARTITION && !SHARE_KEY.test(key)) {
    throw new KafkaError('INVALID_REQUEST', `${key} names no share partition`)
  }
  const wanted = keyType === GROUP ? await broker.groups.coordinatorOf(key) : broker.nodeId
  const endpoint = broker.endpoints(connection).find(({ nodeId }) => nodeId === wanted)
  if (endpoint !== undefined) return endpoint
  throw new KafkaError(
    'COORDINATOR_NOT_AVAILABLE',
    wanted === -1
      ? `nobody leads the partition that ${key} belongs to`
      : `broker ${wanted} is not registered`,
  )
}

function checkKeyType(keyType: number, apiVersion: number): void {
  const most = apiVersion >= SHARE_VERSION ? SHARE_PARTITION : SHARE_PARTITION - 1
  if (keyType >= 0 && keyType <= most) return
  throw new KafkaError(
    'INVALID_REQUEST',
    `coordinator key type ${keyType} is not known in v${apiVersion}`,
  )
}
