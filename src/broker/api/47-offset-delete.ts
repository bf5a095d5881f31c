import { offsetDelete } from '../../protocol/api/47-offset-delete.ts'
import { errors } from '../../protocol/errors.ts'
import type { RequestOf, ResponseInput } from '../../protocol/schema.ts'
import { callerOf, checkGroupId } from '../group-requests.ts'
import { handler } from '../handler.ts'
import { hasPartition, joinTopics } from '../offset-topics.ts'

type Topic = RequestOf<typeof offsetDelete>['topics'][number]
type AnsweredTopic = ResponseInput<typeof offsetDelete>['topics'][number]

/** Deletes offsets of topics that the group does not read any more. Topics and partitions that do not
 *  exist fail by themselves. */
export default handler(
  offsetDelete,
  async (request, context) => {
    const { groups, metadata } = context.broker
    checkGroupId(request.groupId)
    const refused: AnsweredTopic[] = []
    const accepted: Topic[] = []
    for (const topic of request.topics) {
      const { name, partitions } = topic
      const found = metadata.image.topics.get(name)
      const there = partitions.filter((one) => found !== undefined && hasPartition(found, one))
      if (there.length > 0) accepted.push({ name, partitions: there })
      if (there.length < partitions.length || found === undefined) {
        refused.push(
          refusal(
            name,
            partitions.filter((partition) => !there.includes(partition)),
          ),
        )
      }
    }
    const { topics } = await groups.submit(request.groupId, {
      type: 'offset-delete',
      request: { ...request, topics: accepted },
      caller: callerOf(context),
    })
    return { errorCode: errors.NONE.code, topics: joinTopics(refused, topics, 'name') }
  },
  { keepsNothing: true },
)

function refusal(name: string, partitions: Topic['partitions']): AnsweredTopic {
  const errorCode = errors.UNKNOWN_TOPIC_OR_PARTITION.code
  return {
    name,
    partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
  }
}
