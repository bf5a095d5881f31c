import { checkTopicName } from '../../controller/topic-name.ts'
import { describeProducers } from '../../protocol/api/61-describe-producers.ts'
import { handler } from '../handler.ts'
import { answerEach } from '../per-partition.ts'

/** Lists the idempotent and transactional producers that a partition remembers (KIP-664). */
export default handler(describeProducers, async (request, { broker }) => ({
  topics: await Promise.all(
    request.topics.map(async ({ name, partitionIndexes }) => ({
      name,
      partitions: await answerEach(
        partitionIndexes,
        (partitionIndex) => {
          checkTopicName(name)
          const partition = broker.partitions.byName(name, partitionIndex)
          partition.checkLeader(-1)
          return {
            partitionIndex,
            errorCode: 0,
            activeProducers: [...partition.log.producers.entries()].map((producer) => ({
              producerId: producer.producerId,
              producerEpoch: producer.producerEpoch,
              lastSequence: producer.batches.at(-1)?.lastSequence ?? -1,
              lastTimestamp: producer.lastTimestamp,
              coordinatorEpoch: producer.coordinatorEpoch,
              currentTxnStartOffset: producer.currentTxnFirstOffset,
            })),
          }
        },
        (partitionIndex, error) => ({
          partitionIndex,
          errorCode: error.code,
          errorMessage: error.message,
          activeProducers: [],
        }),
      ),
    })),
  ),
}))
