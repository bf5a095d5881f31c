import { isInternalTopic } from '../../metadata/internal-topics.ts'
import { produce } from '../../protocol/api/00-produce.ts'
import { type ErrorName, errors, KafkaError } from '../../protocol/errors.ts'
import { ZERO_UUID } from '../../protocol/primitives.ts'
import type { RequestOf, ResponseInput } from '../../protocol/schema.ts'
import * as batch from '../../records/batch.ts'
import { checkCodecAllowed } from '../../records/batch-rules.ts'
import { RecordsRefused } from '../../records/validate.ts'
import type { Partition } from '../../replication/partition.ts'
import { handler, type RequestContext } from '../handler.ts'

type Response = ResponseInput<typeof produce>
type PartitionResponse = Response['responses'][number]['partitionResponses'][number]
type Request = RequestOf<typeof produce>
type TopicData = Request['topicData'][number]

/** The one client that may write to internal topics, as in Kafka. */
const ADMIN_CLIENT_ID = '__admin_client'

/**
 * Appends each partition's batch; of two for one partition both (Kafka drops the first without a
 * word). acks 0 is never answered: an error closes the connection instead.
 * Knowingly absent: transactional batches are refused until a transaction coordinator is served.
 */
export default handler(
  produce,
  (request, context) => {
    const refused = transactionProblem(request)
    if (refused !== undefined && request.acks !== 0) throw refused
    if (refused !== undefined) return closeUnanswered(refused.message, context)
    return appendAll(request, context).then((responses) => answer(request, responses, context))
  },
  { pipelined: true, keepsNothing: true },
)

type Responses = Response['responses']

/** Begins every append in the order of the request. Resolves when all are acknowledged or refused. */
function appendAll(request: Request, context: RequestContext): Promise<Responses> {
  const { topicData } = request
  const [topic] = topicData
  const data = topicData.length === 1 ? topic!.partitionData : []
  // What most requests hold, without the promises that several partitions are gathered with.
  if (data.length === 1) {
    return appendOne(request, topic!, data[0]!, context).then((one) => [answerOf(topic!, [one])])
  }
  return Promise.all(
    topicData.map((each) =>
      Promise.all(each.partitionData.map((one) => appendOne(request, each, one, context))).then(
        (partitionResponses) => answerOf(each, partitionResponses),
      ),
    ),
  )
}

function answerOf(
  { name, topicId }: TopicData,
  partitionResponses: PartitionResponse[],
): Responses[number] {
  return { name, topicId, partitionResponses }
}

/** null for a producer that wants no answer. */
function answer({ acks }: Request, responses: Responses, context: RequestContext): Response | null {
  if (acks !== 0) return { responses, ...nodeEndpoints(responses, context) }
  const failed = responses
    .flatMap((topic) => topic.partitionResponses)
    .find((p) => p.errorCode !== 0)
  return failed === undefined ? null : closeUnanswered(`${failed.errorMessage}`, context)
}

/** How a producer that wants no answers learns that something went wrong. */
function closeUnanswered(reason: string, { connection }: RequestContext): null {
  connection.close(`a produce request with acks=0 failed: ${reason}`)
  return null
}

/** Why a request with transactional batches is refused as a whole, as in Kafka: nobody may write them
 *  without a transactional id, and with one they are part of no transaction that is known here. */
function transactionProblem(request: Request): KafkaError | undefined {
  const { transactionalId, topicData } = request
  const isTransactional = topicData.some(({ partitionData }) =>
    partitionData.some(({ records }) => records !== null && claimsTransaction(records)),
  )
  if (!isTransactional) return undefined
  return transactionalId === null
    ? new KafkaError(
        'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
        'a transactional batch needs a transactional id',
      )
    : new KafkaError(
        'INVALID_PRODUCER_ID_MAPPING',
        `transactional id '${transactionalId}' has no producer id here`,
      )
}

/** Looks at bytes that nobody has checked. */
function claimsTransaction(records: Uint8Array): boolean {
  if (records.length < batch.BATCH_OVERHEAD_BYTES) return false
  return batch.magic(records) === batch.CURRENT_MAGIC && batch.isTransactional(records)
}

/** Refusals that tell nothing of the log, as in Kafka. */
const silentOnLog: ReadonlySet<ErrorName> = new Set([
  'CORRUPT_MESSAGE',
  'INVALID_REQUIRED_ACKS',
  'INVALID_TOPIC_EXCEPTION',
  'KAFKA_STORAGE_ERROR',
  'MESSAGE_TOO_LARGE',
  'NOT_LEADER_OR_FOLLOWER',
  'RECORD_LIST_TOO_LARGE',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'UNSUPPORTED_COMPRESSION_TYPE',
])

/** Begins one append. Never rejects for the producer's fault: that becomes the partition's answer. */
function appendOne(
  request: Request,
  topic: TopicData,
  data: TopicData['partitionData'][number],
  context: RequestContext,
): Promise<PartitionResponse> {
  const { index, records } = data
  let partition: Partition | undefined
  try {
    partition = find(topic, index, context)
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
    return partition.append(records, request.acks, request.timeoutMs).then(
      ({ baseOffset, logAppendTimeMs, logStartOffset }) => {
        return { index, errorCode: 0, baseOffset, logAppendTimeMs, logStartOffset }
      },
      (error) => refusal(data, error, partition),
    )
  } catch (error) {
    return Promise.resolve(refusal(data, error, partition))
  }
}

/** Version 13 names topics by id, earlier ones by name. */
function find(topic: TopicData, index: number, context: RequestContext): Partition {
  const { partitions } = context.broker
  return topic.topicId === ZERO_UUID
    ? partitions.byName(topic.name, index)
    : partitions.byId(topic.topicId, index)
}

function refusal(
  { index, records }: TopicData['partitionData'][number],
  error: unknown,
  partition?: Partition,
): PartitionResponse {
  if (!(error instanceof KafkaError)) throw error
  const isSilent = silentOnLog.has(error.error) || !isOneBatch(records)
  return {
    index,
    errorCode: error.code,
    baseOffset: -1,
    errorMessage: error.message,
    logStartOffset: isSilent ? -1 : (partition?.log.logStartOffset ?? -1),
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

/** Whether the bytes got as far as the log: one whole batch of the current format. */
function isOneBatch(records: Uint8Array | null): boolean {
  if (records === null) return false
  const sizeBytes = batch.nextBatchSize(records, 0)
  if (sizeBytes <= 0 || batch.magic(records) !== batch.CURRENT_MAGIC) return false
  return batch.nextBatchSize(records, sizeBytes) === batch.INCOMPLETE
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
