import { fetch } from '../../protocol/api/01-fetch.ts'
import { errors, KafkaError } from '../../protocol/errors.ts'
import type { RequestOf, ResponseInput } from '../../protocol/schema.ts'
import type { FetchScope } from '../fetch/fetch-sessions.ts'
import type { FetchSet } from '../fetch/fetch-set.ts'
import { type EntryResult, type FetchResults, settleEntries } from '../fetch/read-entries.ts'
import { serveFetch } from '../fetch/serve-fetch.ts'
import { handler, type RequestContext } from '../handler.ts'

type Request = RequestOf<typeof fetch>
type Response = ResponseInput<typeof fetch>
type PartitionResponse = Response['responses'][number]['partitions'][number]

const READ_COMMITTED = 1
/** The first version that names topics by id. */
const TOPIC_ID_VERSION = 13
/** The first version whose answers may name the current leaders (KIP-951). */
const LEADERS_VERSION = 16
/** The first version whose clients know KAFKA_STORAGE_ERROR. */
const STORAGE_ERROR_VERSION = 6

/**
 * Reads from partitions, waiting for records when there are none (KIP-227 sessions, KIP-320 epochs).
 * Knowingly absent: fetches by followers are refused until partitions have more than one replica.
 */
export default handler(fetch, async (request, context) => {
  const { broker, apiVersion } = context
  const usesTopicIds = apiVersion >= TOPIC_ID_VERSION
  const nowMs = broker.environment.clock.monotonic()
  let scope = broker.fetchSessions.begin(
    request.sessionId,
    request.sessionEpoch,
    usesTopicIds,
    nowMs,
  )
  const set = scope.type === 'incremental' ? scope.session.set : scope.set
  update(set, request, context)
  if (scope.type === 'incremental' && set.entries.size === 0) {
    broker.fetchSessions.remove(scope.session.id)
    scope = { type: 'sessionless', set }
  }
  const maxBytes = Math.min(request.maxBytes, broker.settings.broker['fetch.max.bytes'])
  const isolation =
    request.isolationLevel === READ_COMMITTED ? 'read-committed' : 'read-uncommitted'
  const results = await serveFetch(
    set,
    broker.partitions,
    { maxBytes, isolation, replicaId: replicaIdOf(request) },
    {
      minBytes: Math.min(request.minBytes, maxBytes),
      maxWaitMs: request.maxWaitMs,
      signal: context.connection.signal,
      parked: broker.parkedFetches,
    },
    broker.environment,
  )
  context.afterSent(results.release)
  return answer(scope, set, results, isolation, context)
})

/** -1: a consumer. */
function replicaIdOf({ replicaId, replicaState }: Request): number {
  return Math.max(replicaId, replicaState.replicaId)
}

/** Puts what the request says into the set. */
function update(set: FetchSet, request: Request, context: RequestContext): void {
  const { partitions } = context.broker
  const isById = context.apiVersion >= TOPIC_ID_VERSION
  for (const topic of request.topics) {
    const name = isById ? partitions.nameOf(topic.topicId) : topic.topic
    for (const wanted of topic.partitions) {
      set.put({
        topic: name,
        topicId: topic.topicId,
        index: wanted.partition,
        fetchOffset: wanted.fetchOffset,
        maxBytes: wanted.partitionMaxBytes,
        currentLeaderEpoch: wanted.currentLeaderEpoch,
        lastFetchedEpoch: wanted.lastFetchedEpoch,
      })
    }
  }
  for (const topic of request.forgottenTopicsData) {
    const name = isById ? partitions.nameOf(topic.topicId) : topic.topic
    for (const index of topic.partitions) set.forget(name, topic.topicId, index)
  }
}

function answer(
  scope: FetchScope,
  set: FetchSet,
  results: FetchResults,
  isolation: 'read-committed' | 'read-uncommitted',
  context: RequestContext,
): Response {
  const { broker } = context
  if (scope.type === 'incremental' && scope.session.epoch !== scope.epoch) {
    throw new KafkaError(
      'INVALID_FETCH_SESSION_EPOCH',
      `fetch session ${scope.session.id} moved on to epoch ${scope.session.epoch}`,
    )
  }
  const changed = settleEntries(set, results, isolation)
  if (scope.type === 'incremental') {
    return response(scope.session.id, changed, context)
  }
  const session =
    scope.type === 'full' && set.entries.size > 0
      ? broker.fetchSessions.create(set, scope.usesTopicIds, broker.environment.clock.monotonic())
      : undefined
  if (session === undefined) set.unwatch()
  return response(session?.id ?? 0, results.results, context)
}

function response(
  sessionId: number,
  results: readonly EntryResult[],
  context: RequestContext,
): Response {
  const topics = new Map<
    string,
    { topic: string; topicId: string; partitions: PartitionResponse[] }
  >()
  for (const result of results) {
    const { entry } = result
    const key = entry.topic ?? entry.topicId
    let topic = topics.get(key)
    if (topic === undefined) {
      topic = { topic: entry.topic ?? '', topicId: entry.topicId, partitions: [] }
      topics.set(key, topic)
    }
    topic.partitions.push(partitionResponse(result, context.apiVersion))
  }
  return { sessionId, errorCode: 0, responses: [...topics.values()] }
}

function partitionResponse(result: EntryResult, apiVersion: number): PartitionResponse {
  const leader = movedLeader(result, apiVersion)
  const isUnknown =
    result.errorCode === errors.KAFKA_STORAGE_ERROR.code && apiVersion < STORAGE_ERROR_VERSION
  return {
    partitionIndex: result.entry.index,
    errorCode: isUnknown ? errors.NOT_LEADER_OR_FOLLOWER.code : result.errorCode,
    highWatermark: result.highWatermark,
    lastStableOffset: result.lastStableOffset,
    logStartOffset: result.logStartOffset,
    abortedTransactions: result.abortedTransactions,
    records: result.read?.chunks ?? [],
    ...(result.divergingEpoch === undefined ? {} : { divergingEpoch: result.divergingEpoch }),
    ...(leader === undefined ? {} : { currentLeader: leader }),
  }
}

/** Who leads the partition, when the answer refuses because this broker does not. */
function movedLeader(result: EntryResult, apiVersion: number): PartitionResponse['currentLeader'] {
  const { partition } = result.entry
  const isMoved =
    result.errorCode === errors.NOT_LEADER_OR_FOLLOWER.code ||
    result.errorCode === errors.FENCED_LEADER_EPOCH.code
  if (!isMoved || partition === undefined || apiVersion < LEADERS_VERSION) return undefined
  return { leaderId: partition.state.leader, leaderEpoch: partition.leaderEpoch }
}
