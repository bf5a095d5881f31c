import { initProducerId } from '../../protocol/api/22-init-producer-id.ts'
import { KafkaError } from '../../protocol/errors.ts'
import { handler } from '../handler.ts'

/**
 * Gives an idempotent producer an id of its own, a new one at every call. The producer goes on to its
 * next epoch by itself (KIP-360).
 * Knowingly absent: transactional ids, until a transaction coordinator is served.
 */
export default handler(initProducerId, async (request, { broker }) => {
  const { transactionalId, producerId, producerEpoch } = request
  if (transactionalId === '') {
    throw new KafkaError('INVALID_REQUEST', 'a transactional id is not empty')
  }
  if (transactionalId !== null) {
    throw new KafkaError(
      'UNSUPPORTED_VERSION',
      `transactional id '${transactionalId}': this broker has no transaction coordinator`,
    )
  }
  if (producerId < 0 !== producerEpoch < 0) {
    throw new KafkaError(
      'INVALID_REQUEST',
      `producer id ${producerId} and epoch ${producerEpoch} are given both or not at all`,
    )
  }
  return { errorCode: 0, producerId: await broker.producerIds.next(), producerEpoch: 0 }
})
