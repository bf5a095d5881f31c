import type { Timer } from '../kernel/environment.ts'
import { metadata } from '../protocol/api/03-metadata.ts'
import { type ErrorName, errorName } from '../protocol/errors.ts'
import { waitMs } from './backoff.ts'
import type { BrokerConnection } from './broker-connection.ts'
import type { ClientSettings } from './client-settings.ts'
import {
  type BrokerInfo,
  type ClusterImage,
  EMPTY_IMAGE,
  type NewLeader,
  type TopicInfo,
  withAnswer,
  withLeaders,
} from './cluster-image.ts'
import { diagnostics } from './diagnostics.ts'
import { clientError, closedError, isRetriable } from './errors.ts'
import { within } from './waiting.ts'

/** Gives a connection to any broker that answers. */
export type AnyBroker = (signal: AbortSignal) => Promise<BrokerConnection>

/** Errors of a topic that asking again may cure. */
const PASSING: ReadonlySet<ErrorName> = new Set<ErrorName>([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  'REQUEST_TIMED_OUT',
  'UNKNOWN_SERVER_ERROR',
])

/**
 * What is known of the cluster, kept fresh: asked for when a topic is wanted that is not known, when
 * something showed it to be old, and when it reaches `metadata.max.age.ms`. One question is under way
 * at a time; failures wait longer and longer.
 */
export class MetadataCache {
  readonly #settings: ClientSettings
  readonly #anyBroker: AnyBroker
  /** Topics to keep, and when they were last wanted; null in `#wantsAll`: every topic. */
  readonly #wanted = new Map<string, number>()
  readonly #listeners = new Set<(image: ClusterImage) => void>()
  readonly #over = new AbortController()
  #wantsAll = false
  #image: ClusterImage = EMPTY_IMAGE
  /** The question under way. */
  #asking: Promise<void> | undefined
  #isStale = true
  #failures = 0
  /** When the last answer came, on the monotonic clock. */
  #answeredMs = Number.NEGATIVE_INFINITY
  #timer: Timer | undefined

  constructor(settings: ClientSettings, anyBroker: AnyBroker) {
    this.#settings = settings
    this.#anyBroker = anyBroker
  }

  /** What is known now. */
  get image(): ClusterImage {
    return this.#image
  }

  /** Calls `listener` after every change. @returns what ends that. */
  onChange(listener: (image: ClusterImage) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Keeps all topics of the cluster from now on, for subscriptions by pattern. */
  wantAll(): void {
    this.#wantsAll = true
    this.#isStale = true
  }

  /** Lets go of a topic that nobody uses any more. */
  forget(topic: string): void {
    this.#wanted.delete(topic)
  }

  /** A topic if it is known now, wanted from here on either way: the fast path. */
  known(topic: string): TopicInfo | undefined {
    this.#wanted.set(topic, this.#settings.environment.clock.monotonic())
    return this.#image.topics.get(topic)
  }

  /**
   * A topic, asked for until the cluster describes it.
   * @param deadlineMs on the monotonic clock.
   * @throws RetriableError when it is not described in time; ClientError when it cannot be, as
   *   TOPIC_AUTHORIZATION_FAILED or INVALID_TOPIC_EXCEPTION; the signal's reason.
   */
  async topic(topic: string, deadlineMs: number, signal?: AbortSignal): Promise<TopicInfo> {
    const { clock } = this.#settings.environment
    for (;;) {
      this.#wanted.set(topic, clock.monotonic())
      const info = this.#image.topics.get(topic)
      if (info !== undefined) return info
      await this.refresh(deadlineMs, signal, topic)
      const problem = this.#image.problems.get(topic)
      if (problem !== undefined && !PASSING.has(problem)) throw clientError(problem, { topic })
    }
  }

  /**
   * Asks now, or joins the question that is about to be asked, and waits for the answer.
   * @param topic for the sake of which it is asked: named by the error.
   * @throws RetriableError REQUEST_TIMED_OUT at `deadlineMs`; the signal's reason.
   */
  async refresh(deadlineMs: number, signal?: AbortSignal, topic?: string): Promise<void> {
    this.#isStale = true
    const late = () => this.#late(topic)
    const { environment } = this.#settings
    // The question under way may have begun before the caller's topic was wanted: then the next one.
    while (this.#isStale || this.#asking !== undefined) {
      if (this.#over.signal.aborted) throw this.#over.signal.reason
      this.#ask()
      await within(environment, this.#asking!, deadlineMs, late, signal)
    }
  }

  /** What is known turned out to be old: asks in the background. */
  markStale(): void {
    this.#isStale = true
    this.#ask()
  }

  /** Takes over leaders named by another answer than Metadata (KIP-951). */
  learn(leaders: readonly NewLeader[], endpoints: readonly BrokerInfo[]): void {
    this.#set(withLeaders(this.#image, leaders, endpoints))
  }

  close(): void {
    this.#timer?.cancel()
    this.#over.abort(closedError())
    this.#listeners.clear()
  }

  #ask(): void {
    if (this.#asking !== undefined || this.#over.signal.aborted) return
    this.#timer?.cancel()
    this.#asking = this.#answer().finally(() => {
      this.#asking = undefined
      if (!this.#over.signal.aborted) this.#schedule()
    })
    this.#asking.catch(() => {}) // whoever waits for it is told; in the background nobody does
  }

  /** One question, until it is answered. */
  async #answer(): Promise<void> {
    const { signal } = this.#over
    for (;;) {
      if (signal.aborted) throw signal.reason
      await this.#pause()
      this.#isStale = false
      try {
        const connection = await this.#anyBroker(signal)
        const answer = await connection.ask(metadata, this.#request(connection), { signal })
        const error = errorName(answer.errorCode)
        if (error !== 'NONE') throw clientError(error, connection.place(metadata))
        this.#take(answer)
        return
      } catch (error) {
        this.#isStale = true
        this.#failures += 1
        if (!isRetriable(error)) throw error
      }
    }
  }

  /** Waits after failures, and after an answer that is younger than `retry.backoff.ms`. */
  async #pause(): Promise<void> {
    const { environment, retry } = this.#settings
    const ageMs = environment.clock.monotonic() - this.#answeredMs
    const wait = waitMs(retry, Math.max(this.#failures, 1), environment.random)
    const ms = this.#failures > 0 ? wait : wait - ageMs
    if (ms <= 0) return
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const { signal } = this.#over
    const abandon = () => reject(signal.reason)
    const timer = environment.timers.at(environment.clock.monotonic() + ms, resolve)
    signal.addEventListener('abort', abandon, { once: true })
    await promise.finally(() => {
      timer.cancel()
      signal.removeEventListener('abort', abandon)
    })
  }

  #request(connection: BrokerConnection) {
    const allowAutoTopicCreation = this.#settings.allowAutoTopicCreation
    // v0 cannot say "none" but with one name too many; all brokers since 0.10 know v1.
    connection.requireVersion(metadata)
    const names = [...this.#wanted.keys()]
    const topics = this.#wantsAll ? null : names.map((name) => ({ name }))
    return { topics, allowAutoTopicCreation }
  }

  #take(answer: Parameters<typeof withAnswer>[1]): void {
    const { clock } = this.#settings.environment
    const oldMs = clock.monotonic() - this.#settings.metadataMaxIdleMs
    for (const [topic, wantedMs] of this.#wanted) {
      if (wantedMs < oldMs) this.#wanted.delete(topic)
    }
    const described = new Set(answer.topics.map(({ name }) => name))
    const keeps = (name: string) => {
      return this.#wantsAll ? described.has(name) : this.#wanted.has(name)
    }
    const image = withAnswer(this.#image, answer, keeps)
    this.#answeredMs = clock.monotonic()
    const isTrouble = image.problems.size > 0
    this.#failures = isTrouble ? this.#failures + 1 : 0
    this.#set(image)
  }

  #set(image: ClusterImage): void {
    this.#image = image
    if (diagnostics.metadata.hasSubscribers) {
      const { clientId } = this.#settings
      const counts = { brokers: image.brokers.size, topics: image.topics.size }
      diagnostics.metadata.publish({ clientId, ...counts })
    }
    for (const listener of this.#listeners) listener(image)
  }

  /** The next question: at once when something became stale meanwhile, else at the age's end. */
  #schedule(): void {
    if (this.#isStale) {
      this.#ask()
      return
    }
    const { clock, timers } = this.#settings.environment
    const dueMs = clock.monotonic() + this.#settings.metadataMaxAgeMs
    this.#timer?.cancel()
    this.#timer = timers.at(dueMs, () => this.markStale())
  }

  #late(topic: string | undefined): Error {
    const problem = topic === undefined ? undefined : this.#image.problems.get(topic)
    const detail = `no metadata${topic === undefined ? '' : ` of the topic`} in time.`
    return clientError(problem ?? 'REQUEST_TIMED_OUT', { topic, api: metadata.name }, detail)
  }
}
