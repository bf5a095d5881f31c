import type { PartitionImage, TopicImage } from '../../metadata/image.ts'
import { isInternalTopic } from '../../metadata/internal-topics.ts'
import { describeTopicPartitions } from '../../protocol/api/75-describe-topic-partitions.ts'
import { KafkaError } from '../../protocol/errors.ts'
import { ZERO_UUID } from '../../protocol/primitives.ts'
import type { RequestOf, ResponseInput } from '../../protocol/schema.ts'
import { ALL_TOPIC_OPERATIONS } from '../authorized-operations.ts'
import { describePartition, missingTopicCode } from '../describe-topic.ts'
import { handler, type RequestContext } from '../handler.ts'

type Request = RequestOf<typeof describeTopicPartitions>
type Response = ResponseInput<typeof describeTopicPartitions>
type TopicAnswer = Response['topics'][number]

/**
 * Describes partitions page by page (KIP-966): topics in the order of their names, from the cursor on,
 * until the limit on partitions is reached; then the answer says where the next page begins.
 */
export default handler(describeTopicPartitions, (request, context) => {
  const { image } = context.broker.metadata
  const limit = pageLimit(request, context)
  const topics: TopicAnswer[] = []
  let left = limit
  for (const name of askedNames(request, context)) {
    const topic = image.topics.get(name)
    if (topic === undefined) {
      if (request.topics.length > 0) topics.push(absent(name))
      continue
    }
    const first = request.cursor?.topicName === name ? request.cursor.partitionIndex : 0
    const partitions = topic.partitions.slice(first, first + left)
    topics.push(describeTopic(topic, partitions))
    left -= partitions.length
    const next = first + partitions.length
    if (next < topic.partitions.length) {
      return { topics, nextCursor: { topicName: name, partitionIndex: next } }
    }
    if (left === 0) return { topics, nextCursor: cursorAfter(name, request, context) }
  }
  return { topics, nextCursor: null }
})

function pageLimit(request: Request, { broker }: RequestContext): number {
  const most = broker.settings.broker['max.request.partition.size.limit']
  const named = request.topics.map(({ name }) => name)
  if (request.cursor !== null && named.length > 0 && !named.includes(request.cursor.topicName)) {
    throw new KafkaError(
      'INVALID_REQUEST',
      `the cursor's topic ${request.cursor.topicName} is not among the topics asked for`,
    )
  }
  if (request.cursor !== null && request.cursor.partitionIndex < 0) {
    throw new KafkaError(
      'INVALID_REQUEST',
      `the cursor's partition ${request.cursor.partitionIndex} is below 0`,
    )
  }
  return Math.max(1, Math.min(most, request.responsePartitionLimit))
}

/** The names to describe from the cursor on, sorted; with none in the request, all topics. */
function askedNames(request: Request, { broker }: RequestContext): readonly string[] {
  const names =
    request.topics.length === 0
      ? [...broker.metadata.image.topics.keys()]
      : [...new Set(request.topics.map(({ name }) => name))]
  const from = request.cursor?.topicName ?? ''
  return names.filter((name) => name >= from).sort()
}

function cursorAfter(
  name: string,
  request: Request,
  context: RequestContext,
): Response['nextCursor'] {
  const next = askedNames(request, context).find((other) => other > name)
  return next === undefined ? null : { topicName: next, partitionIndex: 0 }
}

function absent(name: string): TopicAnswer {
  return {
    errorCode: missingTopicCode(name),
    name,
    topicId: ZERO_UUID,
    isInternal: isInternalTopic(name),
    partitions: [],
    topicAuthorizedOperations: ALL_TOPIC_OPERATIONS,
  }
}

function describeTopic(topic: TopicImage, partitions: readonly PartitionImage[]): TopicAnswer {
  return {
    errorCode: 0,
    name: topic.name,
    topicId: topic.id,
    isInternal: isInternalTopic(topic.name),
    partitions: partitions.map((partition) => ({
      ...describePartition(partition),
      eligibleLeaderReplicas: [],
      lastKnownElr: [],
    })),
    topicAuthorizedOperations: ALL_TOPIC_OPERATIONS,
  }
}
