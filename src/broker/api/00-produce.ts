import { isInternalTopic } from '../../metadata/internal-topics.ts'
import { produce } from '../../protocol/api/00-produce.ts'
import { errors, KafkaError } from '../../protocol/errors.ts'
import { ZERO_UUID } from '../../protocol/primitives.ts'
import type { RequestOf, ResponseInput } from '../../protocol/schema.ts'
import { checkCodecAllowed } from '../../records/batch-rules.ts'
import { RecordsRefused } from '../../records/validate.ts'
import type { Partition } from '../../replication/partition.ts'
import { handler, type RequestContext } from '../handler.ts'

type Response = ResponseInput<typeof produce>
type PartitionResponse = Response['responses'][number]['partitionResponses'][number]
type TopicData = RequestOf<typeof produce>['topicData'][number]

/** The one client that may write to internal topics, as in Kafka. */
const ADMIN_CLIENT_ID = '__admin_client'

/**
 * Appends each partition's batch. acks 0 is never answered: an error closes the connection instead.
 * Knowingly absent: transactional batches are refused until a transaction coordinator is served.
 */
export default handler(
  produce,
  async (request, context) => {
    const responses = await Promise.all(
      request.topicData.map(async (topic) => ({
        name: topic.name,
        topicId: topic.topicId,
        partitionResponses: await Promise.all(
          topic.partitionData.map((data) => appendOne(request, topic, data, context)),
        ),
      })),
    )
    if (request.acks !== 0) return { responses, ...nodeEndpoints(responses, context) }
    const failed = responses
      .flatMap((topic) => topic.partitionResponses)
      .find((p) => p.errorCode !== 0)
    if (failed !== undefined) {
      context.connection.close(`a produce request with acks=0 failed: ${failed.errorMessage}`)
    }
    return null
  },
  { pipelined: true },
)

async function appendOne(
  request: RequestOf<typeof produce>,
  topic: TopicData,
  data: TopicData['partitionData'][number],
  context: RequestContext,
): Promise<PartitionResponse> {
  let partition: Partition | undefined
  try {
    partition = find(topic, data.index, context)
    const records = data.records
    if (request.acks !== 0 && request.acks !== 1 && request.acks !== -1) {
      throw new KafkaError('INVALID_REQUIRED_ACKS', `acks is ${request.acks}, not -1, 0 or 1`)
    }
    if (records === null) {
      throw new KafkaError('INVALID_RECORD', `${partition.name}: the request holds no records`)
    }
    if (isInternalTopic(partition.topic) && context.clientId !== ADMIN_CLIENT_ID) {
      throw new KafkaError(
        'INVALID_TOPIC_EXCEPTION',
        `${partition.topic} is internal, clients may not write to it`,
      )
    }
    checkCodecAllowed(records, context.apiVersion)
    const outcome = await partition.append(records, request.acks, request.timeoutMs)
    return { index: data.index, errorCode: 0, ...outcome }
  } catch (error) {
    return refusal(data.index, error, partition)
  }
}

/** Version 13 names topics by id, earlier ones by name. */
function find(topic: TopicData, index: number, context: RequestContext): Partition {
  const { partitions } = context.broker
  return topic.topicId === ZERO_UUID
    ? partitions.byName(topic.name, index)
    : partitions.byId(topic.topicId, index)
}

function refusal(index: number, error: unknown, partition?: Partition): PartitionResponse {
  if (!(error instanceof KafkaError)) throw error
  return {
    index,
    errorCode: error.code,
    baseOffset: -1,
    errorMessage: error.message,
    recordErrors:
      error instanceof RecordsRefused
        ? error.recordErrors.map(({ batchIndex, message }) => ({
            batchIndex,
            batchIndexErrorMessage: message,
          }))
        : [],
    ...(error.error === 'NOT_LEADER_OR_FOLLOWER' && partition !== undefined
      ? {
          currentLeader: {
            leaderId: partition.state.leader,
            leaderEpoch: partition.leaderEpoch,
          },
        }
      : {}),
  }
}

/** Where the leaders named in the answer are, so that the client need not ask (KIP-951). */
function nodeEndpoints(
  responses: Response['responses'],
  context: RequestContext,
): Pick<Response, 'nodeEndpoints'> {
  const moved = responses.some((topic) =>
    topic.partitionResponses.some((p) => p.errorCode === errors.NOT_LEADER_OR_FOLLOWER.code),
  )
  return moved ? { nodeEndpoints: context.broker.endpoints(context.connection) } : {}
}
