import { deleteRecords } from '../../protocol/api/21-delete-records.ts'
import { KafkaError } from '../../protocol/errors.ts'
import { handler } from '../handler.ts'
import { answerEach } from '../per-partition.ts'

const NO_WATERMARK = -1

/** Moves the start of partitions forward. Refused where records are only ever compacted away. */
export default handler(deleteRecords, async (request, { broker }) => ({
  topics: await Promise.all(
    request.topics.map(async ({ name, partitions }) => ({
      name,
      partitions: await answerEach(
        partitions,
        ({ partitionIndex, offset }) => {
          const partition = broker.partitions.byName(name, partitionIndex)
          partition.checkLeader(-1)
          if (!broker.settings.topic(name)['cleanup.policy'].includes('delete')) {
            throw new KafkaError(
              'POLICY_VIOLATION',
              `${name} has cleanup.policy=compact only: its records are not deleted by offset`,
            )
          }
          const lowWatermark = partition.deleteRecordsBefore(offset)
          return { partitionIndex, lowWatermark, errorCode: 0 }
        },
        ({ partitionIndex }, error) => ({
          partitionIndex,
          lowWatermark: NO_WATERMARK,
          errorCode: error.code,
        }),
      ),
    })),
  ),
}))
