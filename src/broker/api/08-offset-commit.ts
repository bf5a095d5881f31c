import type { TopicImage } from '../../metadata/image.ts'
import { offsetCommit } from '../../protocol/api/08-offset-commit.ts'
import { type ErrorName, errors, KafkaError } from '../../protocol/errors.ts'
import type { RequestOf, ResponseInput } from '../../protocol/schema.ts'
import { callerOf } from '../group-requests.ts'
import { handler } from '../handler.ts'
import { hasPartition, joinTopics } from '../offset-topics.ts'

type Topic = RequestOf<typeof offsetCommit>['topics'][number]
type AnsweredTopic = ResponseInput<typeof offsetCommit>['topics'][number]

/** The first version that names topics by their ids. */
const TOPIC_ID_VERSION = 10

/** Stores how far a group has read. Topics and partitions that do not exist fail by themselves; who may
 *  not commit fails with all others. */
export default handler(
  offsetCommit,
  async (request, context) => {
    const { groups, metadata } = context.broker
    const isById = context.apiVersion >= TOPIC_ID_VERSION
    const unknownTopic = isById ? 'UNKNOWN_TOPIC_ID' : 'UNKNOWN_TOPIC_OR_PARTITION'
    const refused: AnsweredTopic[] = []
    const accepted: Topic[] = []
    for (const topic of request.topics) {
      const { image } = metadata
      const found = isById ? image.topicsById.get(topic.topicId) : image.topics.get(topic.name)
      if (found === undefined) refused.push(refusal(topic, topic.partitions, unknownTopic))
      else sortOut(topic, found, accepted, refused)
    }
    if (accepted.length === 0) return { topics: refused }
    const committed = groups.submit(request.groupId, {
      type: 'offset-commit',
      request: { ...request, topics: accepted },
      caller: callerOf(context),
    })
    const topics = await committed.then(
      (answer) => answer.topics,
      (error: unknown) => {
        if (!(error instanceof KafkaError)) throw error
        return accepted.map((topic) => refusal(topic, topic.partitions, error.error))
      },
    )
    return { topics: joinTopics(refused, topics, isById ? 'topicId' : 'name') }
  },
  { pipelined: true, keepsNothing: true },
)

/** Splits a topic into partitions that exist, with the topic's name and id, and those that do not. */
function sortOut(
  topic: Topic,
  found: TopicImage,
  accepted: Topic[],
  refused: AnsweredTopic[],
): void {
  const there = topic.partitions.filter((partition) => hasPartition(found, partition))
  if (there.length > 0) accepted.push({ name: found.name, topicId: found.id, partitions: there })
  if (there.length === topic.partitions.length) return
  const missing = topic.partitions.filter((partition) => !hasPartition(found, partition))
  refused.push(refusal(topic, missing, 'UNKNOWN_TOPIC_OR_PARTITION'))
}

function refusal(
  { name, topicId }: Topic,
  partitions: Topic['partitions'],
  error: ErrorName,
): AnsweredTopic {
  const errorCode = errors[error].code
  return {
    name,
    topicId,
    partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
  }
}
