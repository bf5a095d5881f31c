import { offsetCommit } from '../../protocol/api/08-offset-commit.ts'
import { offsetFetch } from '../../protocol/api/09-offset-fetch.ts'
import { type ErrorName, errorName } from '../../protocol/errors.ts'
import type { Api, ResponseOf } from '../../protocol/schema.ts'
import type { BrokerConnection } from '../broker-connection.ts'
import type { Cluster } from '../cluster.ts'
import { clientError, isRetriable, type Place, RetriableError } from '../errors.ts'
import { byTopic, nameOf, type TopicPartition } from './topic-partition.ts'

/** How long a call may take, and what ends it. */
export interface CallOptions {
  /** On the monotonic clock. */
  readonly deadlineMs: number
  readonly signal?: AbortSignal
}

/** What a group has committed of a partition. */
export interface CommittedOffset {
  /** The next record to read. */
  readonly offset: number
  /** Leader epoch of the record before it; -1: unknown. */
  readonly leaderEpoch: number
  /** Free text of the application. */
  readonly metadata: string
}

/** An offset to commit. */
export interface OffsetToCommit extends TopicPartition {
  readonly offset: number
  readonly leaderEpoch?: number
  readonly metadata?: string
}

/** Who commits: a member, in its generation (classic) or epoch (KIP-848). */
export interface Committer {
  readonly memberId: string
  readonly epoch: number
  readonly groupInstanceId: string | null
}

/** Who is no member: a consumer of chosen partitions. */
export const NO_MEMBER: Committer = { memberId: '', epoch: -1, groupInstanceId: null }

/** The first OffsetFetch that asks for groups, and the last ones by topic name. Ids would tell
 *  nothing more here: what is committed for a topic is committed for its name. */
const FIRST_WITH_GROUPS = 8
const LAST_FETCH_BY_NAME = 9
const LAST_COMMIT_BY_NAME = 9

/** The coordinator is another one, or not known. */
const MOVED: ReadonlySet<ErrorName> = new Set<ErrorName>([
  'NOT_COORDINATOR',
  'COORDINATOR_NOT_AVAILABLE',
  'REQUEST_TIMED_OUT',
  'NETWORK_EXCEPTION',
])
/** The same commit has the same answer until the member has joined again. */
const MEMBER_MUST_ACT: ReadonlySet<ErrorName> = new Set<ErrorName>(['REBALANCE_IN_PROGRESS'])

/** What one group has committed: asked of its coordinator and told to it, until it has answered. */
export class GroupOffsets {
  readonly #cluster: Cluster
  readonly #groupId: string
  readonly #requiresStable: boolean

  /** @param requiresStable whether offsets wait that a transaction may still change (KIP-447): for
   *   who reads only what is committed. */
  constructor(cluster: Cluster, groupId: string, requiresStable: boolean) {
    this.#cluster = cluster
    this.#groupId = groupId
    this.#requiresStable = requiresStable
  }

  /**
   * Committed offsets by `nameOf`; partitions without one are absent.
   * @throws RetriableError at the deadline; ClientError as GROUP_AUTHORIZATION_FAILED; the signal's
   *   reason.
   */
  async committed(
    partitions: readonly TopicPartition[],
    options: CallOptions,
    member: Committer = NO_MEMBER,
  ): Promise<ReadonlyMap<string, CommittedOffset>> {
    if (partitions.length === 0) return new Map()
    return this.#persist(offsetFetch.name, options, async (connection) => {
      const version = connection.requireVersion(offsetFetch, LAST_FETCH_BY_NAME)
      const isOfGroups = version >= FIRST_WITH_GROUPS
      const topics = [...byTopic(partitions)].map(([name, of]) => {
        return { name, partitionIndexes: of.map(({ partition }) => partition) }
      })
      const { memberId, epoch: memberEpoch } = member
      const who = memberEpoch < 0 ? {} : { memberId, memberEpoch }
      const groupId = this.#groupId
      // The oldest versions cannot ask for stable offsets; they know no transactions to wait for.
      const request = isOfGroups
        ? { groups: [{ groupId, ...who, topics }], requireStable: this.#requiresStable }
        : { groupId, topics, ...(version >= 7 && { requireStable: this.#requiresStable }) }
      const response = await connection.ask(offsetFetch, request, {
        newestVersion: LAST_FETCH_BY_NAME,
        ...signalOf(options),
      })
      return this.#found(connection, isOfGroups ? (response.groups[0] ?? response) : response)
    })
  }

  /**
   * Commits offsets, all in one request.
   * @throws ClientError ILLEGAL_GENERATION | UNKNOWN_MEMBER_ID | STALE_MEMBER_EPOCH |
   *   FENCED_INSTANCE_ID | REBALANCE_IN_PROGRESS when the committer is not the member it was,
   *   OFFSET_METADATA_TOO_LARGE and rights refused; RetriableError at the deadline.
   */
  async commit(
    offsets: readonly OffsetToCommit[],
    options: CallOptions,
    { memberId, epoch, groupInstanceId }: Committer = NO_MEMBER,
  ): Promise<void> {
    if (offsets.length === 0) return
    const topics = [...byTopic(offsets)].map(([name, of]) => ({
      name,
      partitions: of.map(({ partition, offset, leaderEpoch = -1, metadata = '' }) => ({
        partitionIndex: partition,
        committedOffset: offset,
        committedLeaderEpoch: leaderEpoch,
        committedMetadata: metadata,
      })),
    }))
    const groupId = this.#groupId
    const who = { groupId, generationIdOrMemberEpoch: epoch, memberId, groupInstanceId }
    const failure = await this.#persist(offsetCommit.name, options, async (connection) => {
      const response = await connection.ask(
        offsetCommit,
        { ...who, topics },
        { newestVersion: LAST_COMMIT_BY_NAME, ...signalOf(options) },
      )
      return commitFailure(placeOf(connection, offsetCommit, LAST_COMMIT_BY_NAME), response)
    })
    if (failure !== undefined) throw failure
  }

  /** Asks the coordinator until it answers, looking for it again whenever it proves another one. */
  #persist<T>(
    api: string,
    { deadlineMs, signal }: CallOptions,
    attempt: (connection: BrokerConnection) => Promise<T>,
  ): Promise<T> {
    const { coordinators } = this.#cluster
    return this.#cluster.persist(api, deadlineMs, signal, async () => {
      const connection = await coordinators.connect('group', this.#groupId, deadlineMs, signal)
      try {
        return await attempt(connection)
      } catch (error) {
        if (isRetriable(error) && MOVED.has(error.error)) {
          coordinators.forget('group', this.#groupId)
        }
        throw error
      }
    })
  }

  #found(connection: BrokerConnection, group: GroupAnswer): ReadonlyMap<string, CommittedOffset> {
    const place = placeOf(connection, offsetFetch, LAST_FETCH_BY_NAME)
    const error = errorName(group.errorCode)
    if (error !== 'NONE') throw clientError(error, place)
    const found = new Map<string, CommittedOffset>()
    for (const { name: topic, partitions } of group.topics) {
      for (const each of partitions) {
        const one = { topic, partition: each.partitionIndex }
        const wrong = errorName(each.errorCode)
        if (wrong !== 'NONE') throw clientError(wrong, { ...place, ...one })
        if (each.committedOffset < 0) continue
        const { committedOffset: offset, committedLeaderEpoch: leaderEpoch } = each
        found.set(nameOf(one), { offset, leaderEpoch, metadata: each.metadata ?? '' })
      }
    }
    return found
  }
}

/** Both forms of an answer: of one group, and of the only one. */
type GroupAnswer = Pick<ResponseOf<typeof offsetFetch>, 'topics' | 'errorCode'>

function signalOf({ signal }: CallOptions): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal }
}

function placeOf(connection: BrokerConnection, api: Api, newest: number): Place {
  return { ...connection.place(api), version: connection.versionOf(api, newest) }
}

/** @returns the first error that another attempt cannot cure. @throws RetriableError for the others. */
function commitFailure(
  asked: Place,
  { topics }: ResponseOf<typeof offsetCommit>,
): Error | undefined {
  let again: Error | undefined
  for (const { name: topic, partitions } of topics) {
    for (const { partitionIndex: partition, errorCode } of partitions) {
      const error = errorName(errorCode)
      if (error === 'NONE') continue
      const place = { ...asked, topic, partition }
      const failure = clientError(error, place)
      const isPassing = failure instanceof RetriableError && !MEMBER_MUST_ACT.has(error)
      if (!isPassing) return failure
      again ??= failure
    }
  }
  if (again !== undefined) throw again
  return undefined
}
