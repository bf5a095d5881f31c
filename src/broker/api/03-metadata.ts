import type { TopicImage } from '../../metadata/image.ts'
import { isInternalTopic } from '../../metadata/internal-topics.ts'
import { metadata } from '../../protocol/api/03-metadata.ts'
import { errors, KafkaError } from '../../protocol/errors.ts'
import { ZERO_UUID } from '../../protocol/primitives.ts'
import type { RequestOf, ResponseInput } from '../../protocol/schema.ts'
import {
  ALL_CLUSTER_OPERATIONS,
  ALL_TOPIC_OPERATIONS,
  OPERATIONS_NOT_ASKED,
} from '../authorized-operations.ts'
import { describePartition, missingTopicCode } from '../describe-topic.ts'
import { handler, type RequestContext } from '../handler.ts'

type Request = RequestOf<typeof metadata>
type TopicAnswer = ResponseInput<typeof metadata>['topics'][number]

/** In version 0 an empty list means all topics; later null does, and an empty list means none. */
const NULL_MEANS_ALL_VERSION = 1
/** The first version that may ask by topic id. */
const TOPIC_ID_VERSION = 12

/**
 * Names the brokers and the topics, with the leaders of their partitions. A topic that does not exist is
 * created when the request and `auto.create.topics.enable` allow it; this first answer still says
 * UNKNOWN_TOPIC_OR_PARTITION, as Kafka's does, and the client asks again.
 */
export default handler(metadata, async (request, context) => {
  const { broker, connection, apiVersion } = context
  const { image } = broker.metadata
  const isAll =
    request.topics === null || (apiVersion < NULL_MEANS_ALL_VERSION && request.topics.length === 0)
  const topics = isAll
    ? [...image.topics.values()].map((topic) => describeTopic(topic, request))
    : await askedTopics(request, context)
  return {
    brokers: broker.endpoints(connection).map(({ nodeId, host, port, rack }) => ({
      nodeId,
      host,
      port,
      rack,
    })),
    clusterId: image.clusterId,
    controllerId: broker.nodeId,
    topics,
    clusterAuthorizedOperations: request.includeClusterAuthorizedOperations
      ? ALL_CLUSTER_OPERATIONS
      : OPERATIONS_NOT_ASKED,
    errorCode: 0,
  }
})

async function askedTopics(request: Request, context: RequestContext): Promise<TopicAnswer[]> {
  const { image } = context.broker.metadata
  const answers: TopicAnswer[] = []
  const missing = new Set<string>()
  const asked = new Set<string>()
  for (const { name, topicId } of request.topics ?? []) {
    if (context.apiVersion < TOPIC_ID_VERSION && (name === null || topicId !== ZERO_UUID)) {
      throw new KafkaError('INVALID_REQUEST', `v${context.apiVersion} asks for topics by name only`)
    }
    if (name === null && topicId === ZERO_UUID) {
      throw new KafkaError('INVALID_REQUEST', 'a topic is asked for by neither name nor id')
    }
    const isById = topicId !== ZERO_UUID
    const key = isById ? topicId : (name ?? '')
    if (asked.has(key)) continue
    asked.add(key)
    const topic = isById ? image.topicsById.get(topicId) : image.topics.get(key)
    if (topic !== undefined) answers.push(describeTopic(topic, request))
    else if (isById) answers.push(absent(null, topicId, errors.UNKNOWN_TOPIC_ID.code, request))
    else missing.add(key)
  }
  const mayCreate =
    request.allowAutoTopicCreation && context.broker.settings.broker['auto.create.topics.enable']
  const codes = mayCreate ? await context.broker.autoCreation.create(missing) : undefined
  for (const name of missing) {
    const code = codes?.get(name) ?? missingTopicCode(name)
    answers.push(absent(name, ZERO_UUID, code, request))
  }
  return answers
}

function absent(
  name: string | null,
  topicId: string,
  errorCode: number,
  request: Request,
): TopicAnswer {
  return {
    errorCode,
    name,
    topicId,
    isInternal: name !== null && isInternalTopic(name),
    partitions: [],
    topicAuthorizedOperations: topicOperations(request),
  }
}

function describeTopic(topic: TopicImage, request: Request): TopicAnswer {
  return {
    errorCode: 0,
    name: topic.name,
    topicId: topic.id,
    isInternal: isInternalTopic(topic.name),
    partitions: topic.partitions.map(describePartition),
    topicAuthorizedOperations: topicOperations(request),
  }
}

function topicOperations({ includeTopicAuthorizedOperations }: Request): number {
  return includeTopicAuthorizedOperations ? ALL_TOPIC_OPERATIONS : OPERATIONS_NOT_ASKED
}
