import { offsetForLeaderEpoch } from '../../protocol/api/23-offset-for-leader-epoch.ts'
import { handler } from '../handler.ts'
import { answerEach } from '../per-partition.ts'

/** Says where a leader epoch ended: the largest epoch at or below the asked one (KIP-279, KIP-320). */
export default handler(offsetForLeaderEpoch, async (request, { broker }) => ({
  topics: await Promise.all(
    request.topics.map(async ({ topic, partitions }) => ({
      topic,
      partitions: await answerEach(
        partitions,
        ({ partition: index, currentLeaderEpoch, leaderEpoch }) => {
          const partition = broker.partitions.byName(topic, index)
          partition.checkLeader(currentLeaderEpoch)
          const end = partition.endOfEpoch(leaderEpoch)
          return {
            partition: index,
            errorCode: 0,
            leaderEpoch: end?.epoch ?? -1,
            endOffset: end?.endOffset ?? -1,
          }
        },
        ({ partition }, error) => ({ partition, errorCode: error.code }),
      ),
    })),
  ),
}))
