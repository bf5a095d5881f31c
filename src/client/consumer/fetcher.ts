import { assert } from '../../kernel/assert.ts'
import { EMPTY_BYTES } from '../../kernel/bytes.ts'
import type { Timer } from '../../kernel/environment.ts'
import { fetch } from '../../protocol/api/01-fetch.ts'
import { errorName } from '../../protocol/errors.ts'
import type { ResponseOf } from '../../protocol/schema.ts'
import { waitMs } from '../backoff.ts'
import type { Cluster } from '../cluster.ts'
import { clientError, inPlace, isRetriable } from '../errors.ts'
import type { Assigned, Assignment } from './assignment.ts'
import {
  answersByName,
  fetchRequestOf,
  LAST_BY_NAME,
  type PartitionAnswer,
  verdictOn,
} from './fetch-request.ts'
import {
  answered,
  broken,
  type FetchSession,
  NO_SESSION,
  nextRequest,
  type SessionRequest,
  type WantedPartition,
} from './fetch-session.ts'
import type { FetchSettings } from './fetch-settings.ts'
import { FetchedRecords, type Taken } from './fetched-records.ts'
import { Gate } from './gate.ts'
import { OffsetError } from './offset-error.ts'
import {
  consumed,
  endsSeen,
  isReadable,
  leaderSeen,
  positionOf,
  resetOrFailed,
} from './position.ts'
import { Prefetch } from './prefetch.ts'
import type { ResetStrategy } from './reset-strategy.ts'

/** Records of one partition that were given out. */
export interface TakenFrom extends Taken {
  readonly assigned: Assigned
}

/** What is under way to one broker. */
interface Node {
  session: FetchSession
  isBusy: boolean
  /** Bytes that its next answer may bring. */
  reservedBytes: number
  failures: number
  notBeforeMs: number
}

/** One partition in a request, by `nameOf` in a map. */
interface Asked {
  readonly assigned: Assigned
  readonly wanted: WantedPartition
}

/** Errors that wait to be told. */
const MAX_ERRORS = 16
/** The connection of its own that fetches wait on. */
const PURPOSE = 'fetch'

/**
 * Keeps records of the assigned partitions ready, one request at a time to every broker. It asks on
 * behind what waits already, so that nobody waits for the network who is slower than it; and for
 * nothing at a broker while a partition there has `max.partition.fetch.bytes` waiting, or while
 * `fetch.max.bytes` wait in all.
 */
export class Fetcher {
  readonly #cluster: Cluster
  readonly #assignment: Assignment
  readonly #settings: FetchSettings
  readonly #strategy: ResetStrategy
  readonly #prefetch: Prefetch
  readonly #gate: Gate
  readonly #nodes = new Map<number, Node>()
  readonly #preferred = new WeakMap<Assigned, { nodeId: number; untilMs: number }>()
  /** Told once each, to whoever takes next. */
  readonly #errors: unknown[] = []
  readonly #over = new AbortController()
  readonly #unlisten: () => void
  #isScheduled = false
  #isTaking = false
  #timer: Timer | undefined

  constructor(
    cluster: Cluster,
    assignment: Assignment,
    settings: FetchSettings,
    strategy: ResetStrategy,
  ) {
    this.#cluster = cluster
    this.#assignment = assignment
    this.#settings = settings
    this.#strategy = strategy
    this.#prefetch = new Prefetch(assignment)
    this.#gate = new Gate(cluster.settings.environment)
    this.#unlisten = cluster.metadata.onChange(() => this.wake())
  }

  /** Bytes that were fetched and not taken. */
  get waitingBytes(): number {
    return this.#prefetch.sizeBytes
  }

  /** Something changed that may let fetches begin: looks at it at the end of this turn. */
  wake(): void {
    this.#gate.open()
    if (this.#isScheduled || this.#over.signal.aborted) return
    this.#isScheduled = true
    this.#cluster.settings.environment.timers.afterTurn(() => {
      this.#isScheduled = false
      this.#pump()
    })
  }

  /** Tells whoever takes next, once. Beyond `MAX_ERRORS` that nobody took it is forgotten. */
  fail(error: unknown): void {
    if (this.#errors.length < MAX_ERRORS) this.#errors.push(error)
    this.#gate.open()
  }

  /**
   * The next records of a partition that is not paused, at most `most`, and moves its position behind
   * them. One call at a time.
   * @returns undefined when none came until `deadlineMs` of the monotonic clock.
   * @throws OffsetError for a partition without a valid position; ClientError as
   *   TOPIC_AUTHORIZATION_FAILED or CORRUPT_MESSAGE; the signal's reason.
   */
  async take(
    most: number,
    deadlineMs: number,
    signal?: AbortSignal,
  ): Promise<TakenFrom | undefined> {
    assert(!this.#isTaking, 'records are taken by one caller at a time')
    this.#isTaking = true
    try {
      for (;;) {
        this.#throwWhatFailed()
        const taken = await this.#takeNow(most)
        if (taken !== undefined) return taken
        if (this.#nowMs() >= deadlineMs) return undefined
        await this.#gate.wait(deadlineMs, signal)
      }
    } finally {
      this.#isTaking = false
    }
  }

  /** Ends it: requests under way are abandoned, waiting calls fail. */
  close(): void {
    this.#unlisten()
    this.#timer?.cancel()
    this.#over.abort(clientError('NETWORK_EXCEPTION', {}, 'this consumer was closed.'))
    this.fail(this.#over.signal.reason)
  }

  /** What is here now; markers and the like are passed in silence. */
  async #takeNow(most: number): Promise<TakenFrom | undefined> {
    for (;;) {
      const next = this.#prefetch.next()
      if (next === undefined) return undefined
      const { assigned, fetched } = next
      const taken = await this.#decoded(next, most)
      // A seek, a pause or a rebalance may have come while a batch was decompressed. What was taken
      // then leaves a hole before the rest, which is dropped with it and fetched again.
      const isStill =
        this.#assignment.has(assigned) &&
        isReadable(assigned.state) &&
        positionOf(assigned.state)?.offset === taken.fromOffset
      if (!isStill) continue
      const { fromOffset, nextOffset, leaderEpoch } = taken
      this.#assignment.update(assigned, (state) =>
        consumed(state, fromOffset, nextOffset, leaderEpoch),
      )
      if (fetched.isDone) this.wake()
      if (taken.records.length > 0) return { ...taken, assigned }
    }
  }

  async #decoded(next: { assigned: Assigned; fetched: FetchedRecords }, most: number) {
    try {
      return await next.fetched.take(most)
    } catch (error) {
      const { topic, partition } = next.assigned
      throw inPlace(error, { topic, partition })
    }
  }

  #throwWhatFailed(): void {
    if (this.#over.signal.aborted) throw this.#over.signal.reason
    if (this.#errors.length > 0) throw this.#errors.shift()
    for (const assigned of this.#assignment) {
      const { phase } = assigned.state
      if (phase.type === 'failed') throw new OffsetError(assigned, phase.reason)
    }
  }

  /** Begins every fetch that can begin now. */
  #pump(): void {
    if (this.#over.signal.aborted) return
    const nowMs = this.#nowMs()
    let wakeMs = Number.POSITIVE_INFINITY
    for (const [nodeId, partitions] of this.#readableByNode(nowMs)) {
      const node = this.#node(nodeId)
      if (node.isBusy) continue
      if (node.notBeforeMs > nowMs) {
        wakeMs = Math.min(wakeMs, node.notBeforeMs)
        continue
      }
      const isFull = (one: Assigned) =>
        this.#prefetch.sizeOf(one) >= Math.max(1, this.#settings.partitionMaxBytes)
      if (!partitions.some(isFull)) this.#begin(nodeId, node, partitions)
    }
    this.#timer?.cancel()
    if (wakeMs !== Number.POSITIVE_INFINITY) {
      this.#timer = this.#cluster.settings.environment.timers.at(wakeMs, () => this.wake())
    }
  }

  /** The partitions that may be read, by the broker to read them from; learns their leaders. */
  #readableByNode(nowMs: number): ReadonlyMap<number, readonly Assigned[]> {
    const byNode = new Map<number, Assigned[]>()
    for (const assigned of this.#assignment) {
      const info = this.#cluster.metadata.known(assigned.topic)?.partitions[assigned.partition]
      if (info === undefined || info.leaderId < 0) {
        this.#cluster.metadata.markStale()
        continue
      }
      this.#assignment.update(assigned, (state) => leaderSeen(state, info, true))
      if (!isReadable(assigned.state)) continue
      const nodeId = this.#replicaOf(assigned, nowMs) ?? info.leaderId
      const same = byNode.get(nodeId)
      if (same === undefined) byNode.set(nodeId, [assigned])
      else same.push(assigned)
    }
    return byNode
  }

  #replicaOf(assigned: Assigned, nowMs: number): number | undefined {
    const preferred = this.#preferred.get(assigned)
    if (preferred === undefined) return undefined
    const isKnown = this.#cluster.metadata.image.brokers.has(preferred.nodeId)
    if (isKnown && nowMs < preferred.untilMs) return preferred.nodeId
    this.#preferred.delete(assigned)
    return undefined
  }

  #begin(nodeId: number, node: Node, partitions: readonly Assigned[]): void {
    const asked = new Map<string, Asked>()
    for (const assigned of partitions) {
      const wanted = this.#wantedOf(assigned)
      if (wanted !== undefined) asked.set(assigned.name, { assigned, wanted })
    }
    let takenBytes = this.#prefetch.sizeBytes
    for (const { reservedBytes } of this.#nodes.values()) takenBytes += reservedBytes
    const freeBytes = this.#settings.maxBytes - takenBytes
    if (asked.size === 0 || (freeBytes <= 0 && takenBytes > 0)) return
    node.isBusy = true
    node.reservedBytes = Math.min(freeBytes, asked.size * this.#settings.partitionMaxBytes)
    const over = () => {
      node.isBusy = false
      node.reservedBytes = 0
      this.wake()
    }
    this.#fetch(nodeId, node, asked).then(over, (error: unknown) => {
      this.fail(error)
      over()
    })
  }

  #wantedOf(assigned: Assigned): WantedPartition | undefined {
    const from = this.#prefetch.fetchFrom(assigned)
    const info = this.#cluster.metadata.known(assigned.topic)
    if (from === undefined || info === undefined) return undefined
    return {
      topic: assigned.topic,
      partition: assigned.partition,
      topicId: info.topicId,
      fetchOffset: from.offset,
      currentLeaderEpoch: positionOf(assigned.state)?.leader.leaderEpoch ?? -1,
      maxBytes: this.#settings.partitionMaxBytes,
    }
  }

  /** One request and its answer. @throws what no other attempt can cure. */
  async #fetch(nodeId: number, node: Node, asked: ReadonlyMap<string, Asked>): Promise<void> {
    const request = nextRequest(
      node.session,
      [...asked.values()].map(({ wanted }) => wanted),
    )
    try {
      const response = await this.#ask(nodeId, request, node.reservedBytes)
      this.#throttle(node, response.throttleTimeMs)
      const error = errorName(response.errorCode)
      if (error === 'NONE') {
        node.session = answered(request, response.sessionId)
        node.failures = 0
        this.#receive(nodeId, node, request, response, asked)
        return
      }
      node.session = broken(node.session, error === 'FETCH_SESSION_ID_NOT_FOUND')
      // A session that the broker dropped is opened again at once.
      if (error !== 'FETCH_SESSION_ID_NOT_FOUND') this.#backOff(node)
      if (verdictOn(error).type === 'again') this.#cluster.metadata.markStale()
    } catch (error) {
      if (this.#over.signal.aborted) return
      node.session = broken(node.session, false)
      this.#backOff(node)
      for (const { assigned } of asked.values()) this.#preferred.delete(assigned)
      this.#cluster.metadata.markStale()
      if (!isRetriable(error)) throw error
    }
  }

  async #ask(nodeId: number, request: SessionRequest, maxBytes: number) {
    const connection = await this.#cluster.broker(nodeId, PURPOSE)
    const body = fetchRequestOf(request, this.#settings, maxBytes)
    const newest = request.hasTopicIds ? {} : { newestVersion: LAST_BY_NAME }
    // The broker may wait on purpose before it answers.
    const timeoutMs = this.#cluster.settings.requestTimeoutMs + this.#settings.maxWaitMs
    return connection.ask(fetch, body, { signal: this.#over.signal, timeoutMs, ...newest })
  }

  #receive(
    nodeId: number,
    node: Node,
    request: SessionRequest,
    response: ResponseOf<typeof fetch>,
    all: ReadonlyMap<string, Asked>,
  ): void {
    let hasErrors = false
    for (const [name, answer] of answersByName(request, response)) {
      const asked = all.get(name)
      if (asked === undefined || !this.#assignment.has(asked.assigned)) continue
      const isGood =
        answer.errorCode === 0
          ? this.#accept(asked, answer)
          : this.#refused(nodeId, asked, answer, response)
      hasErrors ||= !isGood
    }
    if (hasErrors) this.#backOff(node)
  }

  /** @returns whether it could be used. */
  #accept({ assigned, wanted }: Asked, answer: PartitionAnswer): boolean {
    const { fetchOffset } = wanted
    this.#assignment.update(assigned, (state) => endsSeen(state, answer))
    if (answer.preferredReadReplica >= 0) {
      const untilMs = this.#nowMs() + this.#settings.preferenceMs
      this.#preferred.set(assigned, { nodeId: answer.preferredReadReplica, untilMs })
    }
    const aborted = this.#settings.isCommittedOnly ? (answer.abortedTransactions ?? []) : null
    const options = { fetchOffset, aborted, checksCrcs: this.#settings.checksCrcs }
    try {
      this.#prefetch.add(assigned, new FetchedRecords(answer.records ?? EMPTY_BYTES, options))
      return true
    } catch (error) {
      this.fail(inPlace(error, { topic: assigned.topic, partition: assigned.partition }))
      return false
    }
  }

  /** @returns whether the same may be asked at once; else its broker is given a rest. */
  #refused(
    nodeId: number,
    { assigned, wanted }: Asked,
    answer: PartitionAnswer,
    { nodeEndpoints }: ResponseOf<typeof fetch>,
  ): boolean {
    const { topic, partition } = assigned
    const error = errorName(answer.errorCode)
    const verdict = verdictOn(error)
    const isFollower = this.#preferred.get(assigned)?.nodeId === nodeId
    this.#preferred.delete(assigned)
    switch (verdict.type) {
      case 'failed':
        this.fail(clientError(error, { topic, partition, api: fetch.name }))
        return false
      case 'again': {
        const { leaderId, leaderEpoch } = answer.currentLeader
        if (leaderId >= 0 && leaderEpoch >= 0) {
          const leader = { topic, partition, leaderId, leaderEpoch }
          this.#cluster.metadata.learn([leader], nodeEndpoints)
        }
        if (verdict.isStale) this.#cluster.metadata.markStale()
        return false
      }
      case 'out-of-range': {
        // A follower may be behind or ahead: the leader decides.
        if (isFollower || this.#prefetch.fetchFrom(assigned)?.offset !== wanted.fetchOffset) {
          return true
        }
        // What waits is good still; the end of it is where the log is not.
        if (this.#prefetch.sizeOf(assigned) > 0) return false
        const reason = { type: 'out-of-range', offset: wanted.fetchOffset } as const
        this.#assignment.update(assigned, (state) => resetOrFailed(state, this.#strategy, reason))
        return true
      }
    }
  }

  #node(nodeId: number): Node {
    const known = this.#nodes.get(nodeId)
    if (known !== undefined) return known
    const node = { session: NO_SESSION, isBusy: false, failures: 0, reservedBytes: 0 }
    const made: Node = { ...node, notBeforeMs: 0 }
    this.#nodes.set(nodeId, made)
    return made
  }

  #backOff(node: Node): void {
    const { retry, environment } = this.#cluster.settings
    node.failures += 1
    this.#throttle(node, waitMs(retry, node.failures, environment.random))
  }

  #throttle(node: Node, ms: number): void {
    node.notBeforeMs = Math.max(node.notBeforeMs, this.#nowMs() + ms)
  }

  #nowMs(): number {
    return this.#cluster.settings.environment.clock.monotonic()
  }
}
