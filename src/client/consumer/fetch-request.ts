import type { fetch } from '../../protocol/api/01-fetch.ts'
import { type ErrorName, staleMetadataErrors } from '../../protocol/errors.ts'
import { ZERO_UUID } from '../../protocol/primitives.ts'
import type { RequestInput, ResponseOf } from '../../protocol/schema.ts'
import type { SessionRequest, WantedPartition } from './fetch-session.ts'
import type { FetchSettings } from './fetch-settings.ts'
import { byTopic, nameOf } from './topic-partition.ts'

/** The newest version that names topics by name. */
export const LAST_BY_NAME = 12

type Answer = ResponseOf<typeof fetch>

/** The part of an answer that is about one partition. */
export type PartitionAnswer = Answer['responses'][number]['partitions'][number]

/** A request of a session. @param maxBytes the most that the whole answer shall bring. */
export function fetchRequestOf(
  request: SessionRequest,
  settings: FetchSettings,
  maxBytes: number,
): RequestInput<typeof fetch> {
  return {
    maxWaitMs: settings.maxWaitMs,
    minBytes: settings.minBytes,
    maxBytes,
    isolationLevel: settings.isCommittedOnly ? 1 : 0,
    sessionId: request.sessionId,
    sessionEpoch: request.sessionEpoch,
    topics: topicsOf(request.toSend, (one) => ({
      partition: one.partition,
      currentLeaderEpoch: one.currentLeaderEpoch,
      fetchOffset: one.fetchOffset,
      partitionMaxBytes: one.maxBytes,
    })),
    forgottenTopicsData: topicsOf(request.toForget, ({ partition }) => partition),
    rackId: settings.rack,
  }
}

/** What an answer says, by `nameOf`. What was not asked for is left out. */
export function answersByName(
  request: SessionRequest,
  answer: Answer,
): ReadonlyMap<string, PartitionAnswer> {
  const names = new Map<string, string>()
  for (const { topicId, topic } of request.partitions.values()) names.set(topicId, topic)
  const byName = new Map<string, PartitionAnswer>()
  for (const { topic, topicId, partitions } of answer.responses) {
    const known = topicId === ZERO_UUID ? topic : names.get(topicId)
    if (known === undefined) continue
    for (const each of partitions) {
      const name = nameOf({ topic: known, partition: each.partitionIndex })
      if (request.partitions.has(name)) byName.set(name, each)
    }
  }
  return byName
}

/** What an error of one partition means for who reads it. */
export type Verdict =
  /** Ask the same again after a wait, with new metadata where they may be old. */
  | { readonly type: 'again'; readonly isStale: boolean }
  | { readonly type: 'out-of-range' }
  /** The application has to know. */
  | { readonly type: 'failed' }

const PASSING: ReadonlySet<ErrorName> = new Set<ErrorName>([
  'UNKNOWN_LEADER_EPOCH',
  'UNKNOWN_SERVER_ERROR',
])
const STALE: ReadonlySet<ErrorName> = new Set<ErrorName>([
  ...staleMetadataErrors,
  'OFFSET_NOT_AVAILABLE',
  'INCONSISTENT_TOPIC_ID',
])

export function verdictOn(error: ErrorName): Verdict {
  if (error === 'OFFSET_OUT_OF_RANGE') return { type: 'out-of-range' }
  if (STALE.has(error)) return { type: 'again', isStale: true }
  return PASSING.has(error) ? { type: 'again', isStale: false } : { type: 'failed' }
}

/** By topic; a topic made anew may be there under two ids. */
function topicsOf<T>(all: readonly WantedPartition[], of: (one: WantedPartition) => T) {
  return [...byTopic(all)].flatMap(([topic, partitions]) =>
    [...Map.groupBy(partitions, ({ topicId }) => topicId)].map(([topicId, same]) => {
      return { topic, topicId, partitions: same.map(of) }
    }),
  )
}
