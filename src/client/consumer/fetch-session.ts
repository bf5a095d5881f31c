/**
 * The asking side of fetch sessions (KIP-227): a broker remembers what a consumer reads, and every
 * request tells only what changed.
 *
 *   session        next request   an answer without error          an error, or no answer
 *   none (0, 0)    full           full, with an id -> open          none
 *   open (id, n)   incremental    (id, n + 1); id 0 -> none         closing; not found -> none
 *   closing (id,0) full           as none: the broker drops the old one
 */

import { ZERO_UUID } from '../../protocol/primitives.ts'
import { nameOf, type TopicPartition } from './topic-partition.ts'

/** One partition as a fetch asks for it. */
export interface WantedPartition extends TopicPartition {
  /** `ZERO_UUID`: not known. */
  readonly topicId: string
  readonly fetchOffset: number
  readonly currentLeaderEpoch: number
  readonly maxBytes: number
}

/** What the client remembers of its session at one broker; a value. */
export interface FetchSession {
  /** 0: none. */
  readonly id: number
  /** Number of the next request; 0 begins anew. */
  readonly epoch: number
  /** What the broker remembers, as it was asked last, by `nameOf`. */
  readonly partitions: ReadonlyMap<string, WantedPartition>
}

export const NO_SESSION: FetchSession = { id: 0, epoch: 0, partitions: new Map() }

/** What one request says. */
export interface SessionRequest {
  readonly sessionId: number
  readonly sessionEpoch: number
  readonly isFull: boolean
  readonly toSend: readonly WantedPartition[]
  readonly toForget: readonly WantedPartition[]
  /** Whether every topic in the session has an id, so that versions from 13 on can be used. */
  readonly hasTopicIds: boolean
  /** What the session holds when this is answered. */
  readonly partitions: ReadonlyMap<string, WantedPartition>
}

const LARGEST_EPOCH = 0x7fff_ffff

/**
 * The next request of a session that shall read `wanted`. Going from ids to names or back begins a
 * new session, since a broker keeps one kind.
 */
export function nextRequest(
  session: FetchSession,
  wanted: readonly WantedPartition[],
): SessionRequest {
  const partitions = new Map(wanted.map((one) => [nameOf(one), one]))
  const hasTopicIds = allHaveIds(partitions)
  const isFull = session.epoch === 0 || hasTopicIds !== allHaveIds(session.partitions)
  const common = { sessionId: session.id, isFull, hasTopicIds, partitions }
  if (isFull) return { ...common, sessionEpoch: 0, toSend: wanted, toForget: [] }
  const toSend = wanted.filter((one) => {
    const told = session.partitions.get(nameOf(one))
    return told === undefined || !isSame(told, one)
  })
  // A topic that was made anew under its name leaves the session as the old one.
  const toForget = [...session.partitions].flatMap(([name, told]) =>
    partitions.get(name)?.topicId === told.topicId ? [] : [told],
  )
  return { ...common, sessionEpoch: session.epoch, toSend, toForget }
}

/**
 * The session after an answer without a top-level error.
 * @param sessionId of the answer; 0: the broker keeps none, for want of room.
 */
export function answered(request: SessionRequest, sessionId: number): FetchSession {
  if (sessionId === 0) return NO_SESSION
  const { partitions, sessionEpoch } = request
  const epoch = request.isFull || sessionEpoch >= LARGEST_EPOCH ? 1 : sessionEpoch + 1
  return { id: sessionId, epoch, partitions }
}

/**
 * The session after an error of the whole answer or none at all: whether the broker counted the
 * request is not known, so the next one is full and closes the old session.
 */
export function broken(session: FetchSession, isGone: boolean): FetchSession {
  return isGone ? NO_SESSION : { id: session.id, epoch: 0, partitions: new Map() }
}

function allHaveIds(partitions: ReadonlyMap<string, WantedPartition>): boolean {
  for (const { topicId } of partitions.values()) if (topicId === ZERO_UUID) return false
  return true
}

function isSame(a: WantedPartition, b: WantedPartition): boolean {
  return (
    a.topicId === b.topicId &&
    a.fetchOffset === b.fetchOffset &&
    a.currentLeaderEpoch === b.currentLeaderEpoch &&
    a.maxBytes === b.maxBytes
  )
}
