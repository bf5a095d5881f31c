import type { Timer } from '../kernel/environment.ts'
import type { Api, RequestInput, ResponseOf } from '../protocol/schema.ts'
import type { Address } from './address.ts'
import { waitMs } from './backoff.ts'
import type { AskOptions, BrokerConnection } from './broker-connection.ts'
import type { ClientSettings } from './client-settings.ts'
import { ConnectionPool } from './connection-pool.ts'
import { CoordinatorLookup } from './coordinator-lookup.ts'
import { diagnostics } from './diagnostics.ts'
import { clientError, closedError, isRetriable } from './errors.ts'
import { MetadataCache } from './metadata-cache.ts'
import { sleep, within } from './waiting.ts'

/** Whom a request is for: whoever is near, the controller, or one broker by its id. */
export type Target = 'any' | 'controller' | number

/** A request that is tried again until its time is over. */
export interface PersistentOptions<A extends Api> extends AskOptions {
  /** The end of all attempts, on the monotonic clock. */
  readonly deadlineMs: number
  /** Looks at an answer. Throws what is wrong with it: a retriable error leads to another attempt. */
  readonly check?: (response: ResponseOf<A>, connection: BrokerConnection) => void
}

/** How often idle connections are looked for. */
const TIDY_EVERY_MS = 60_000

/**
 * A cluster as one client sees it, and the foundation that producers, consumers and administrators
 * share: which brokers there are, how to reach them, and how to ask until there is an answer.
 */
export class Cluster {
  readonly settings: ClientSettings
  readonly metadata: MetadataCache
  readonly coordinators: CoordinatorLookup
  readonly pool: ConnectionPool
  readonly #over = new AbortController()
  /** When idle connections are looked for; none before the first connection is wanted. */
  #tidying: Timer | undefined
  /** Where the next question that any broker can answer begins to look. */
  #turn: number

  constructor(settings: ClientSettings) {
    this.settings = settings
    this.pool = new ConnectionPool(settings)
    this.metadata = new MetadataCache(settings, (signal) => this.anyBroker(signal))
    this.coordinators = new CoordinatorLookup(this)
    this.#turn = settings.environment.random.below(0x1_0000)
  }

  /** Aborts when the client is closed. */
  get signal(): AbortSignal {
    return this.#over.signal
  }

  /** `ms` from now, on the monotonic clock. */
  deadline(ms: number): number {
    return this.settings.environment.clock.monotonic() + ms
  }

  /** The open connection to a broker, or undefined: no promise on the fast path. */
  current(nodeId: number, purpose = ''): BrokerConnection | undefined {
    const address = this.metadata.image.brokers.get(nodeId)
    return address && this.pool.current(address, nodeId, purpose)
  }

  /** When a lost broker may be tried again, on the monotonic clock; 0 when at once. */
  notBeforeMs(nodeId: number, purpose = ''): number {
    const address = this.metadata.image.brokers.get(nodeId)
    return address === undefined ? 0 : this.pool.notBeforeMs(address, nodeId, purpose)
  }

  /**
   * A connection to one broker.
   * @throws RetriableError when it is not known or cannot be reached now.
   */
  async broker(nodeId: number, purpose = ''): Promise<BrokerConnection> {
    const address = this.metadata.image.brokers.get(nodeId)
    if (address !== undefined) return this.#reach(address, nodeId, purpose)
    this.metadata.markStale()
    throw clientError('LEADER_NOT_AVAILABLE', {}, `broker ${nodeId} is not known.`)
  }

  /**
   * A connection to any broker: an open one if there is one, else the first that can be made, each
   * known broker tried once, and then the bootstrap servers.
   */
  async anyBroker(signal: AbortSignal): Promise<BrokerConnection> {
    if (this.#tidying === undefined) this.#tidyLater()
    const { brokers } = this.metadata.image
    const known = [...brokers.values()]
    for (const { nodeId } of known) {
      const open = this.current(nodeId)
      if (open !== undefined) return open
    }
    const isLost = known.length === 0 || this.settings.rebootstraps
    const candidates: (readonly [Address, number | undefined])[] = [
      ...this.#rotated(known).map((broker) => [broker, broker.nodeId] as const),
      ...(isLost ? this.#rotated(this.settings.bootstrap) : []).map((a) => [a, undefined] as const),
    ]
    let last: unknown
    for (const [address, nodeId] of candidates) {
      if (signal.aborted) throw signal.reason
      try {
        return await this.pool.connect(address, nodeId)
      } catch (error) {
        last = error
      }
    }
    throw last ?? clientError('BROKER_NOT_AVAILABLE', {}, 'no broker is known.')
  }

  /**
   * Asks until there is an answer that `check` accepts, with growing waits between the attempts.
   * @throws the last error when it is not retriable or the deadline has come; the signal's reason.
   */
  async ask<A extends Api>(
    target: Target,
    api: A,
    request: RequestInput<A>,
    options: PersistentOptions<A>,
  ): Promise<ResponseOf<A>> {
    return this.persist(api.name, options.deadlineMs, options.signal, async () => {
      const connection = await this.to(target, options.deadlineMs, options.signal)
      const timeoutMs = this.#attemptMs(options)
      const response = await connection.ask(api, request, { ...options, timeoutMs })
      options.check?.(response, connection)
      return response
    })
  }

  /** Runs `attempt` until it succeeds, fails for good, or time is over. */
  async persist<T>(
    name: string,
    deadlineMs: number,
    signal: AbortSignal | undefined,
    attempt: () => Promise<T>,
  ): Promise<T> {
    const { environment, retry, clientId } = this.settings
    for (let failures = 1; ; failures++) {
      try {
        return await attempt()
      } catch (error) {
        if (!isRetriable(error) || this.#over.signal.aborted) throw error
        const ms = waitMs(retry, failures, environment.random)
        if (environment.clock.monotonic() + ms >= deadlineMs) throw error
        if (diagnostics.retry.hasSubscribers) {
          diagnostics.retry.publish({ clientId, api: name, attempt: failures, waitMs: ms, error })
        }
        await sleep(environment, ms, signal ?? this.#over.signal)
      }
    }
  }

  /** A connection to whomever a request is for. */
  async to(target: Target, deadlineMs: number, signal?: AbortSignal): Promise<BrokerConnection> {
    const { environment } = this.settings
    const late = () => clientError('REQUEST_TIMED_OUT', {}, `${target} was not reached in time.`)
    const found = this.#find(target, deadlineMs, signal)
    return within(environment, found, deadlineMs, late, signal)
  }

  /** Ends everything: what waits fails. */
  close(): void {
    this.#over.abort(closedError())
    this.#tidying?.cancel()
    this.metadata.close()
    this.pool.close()
  }

  async #find(
    target: Target,
    deadlineMs: number,
    signal: AbortSignal | undefined,
  ): Promise<BrokerConnection> {
    if (target === 'any') return this.anyBroker(signal ?? this.#over.signal)
    if (target !== 'controller') return this.broker(target)
    if (this.metadata.image.controllerId < 0) await this.metadata.refresh(deadlineMs, signal)
    return this.broker(this.metadata.image.controllerId)
  }

  async #reach(address: Address, nodeId: number, purpose: string): Promise<BrokerConnection> {
    try {
      return await this.pool.connect(address, nodeId, purpose)
    } catch (error) {
      this.metadata.markStale()
      throw error
    }
  }

  #attemptMs({ deadlineMs, timeoutMs }: PersistentOptions<Api>): number {
    const leftMs = deadlineMs - this.settings.environment.clock.monotonic()
    return Math.max(1, Math.min(timeoutMs ?? this.settings.requestTimeoutMs, leftMs))
  }

  #rotated<T>(all: readonly T[]): readonly T[] {
    const from = all.length === 0 ? 0 : this.#turn++ % all.length
    return [...all.slice(from), ...all.slice(0, from)]
  }

  #tidyLater(): void {
    const { clock, timers } = this.settings.environment
    if (this.#over.signal.aborted) return
    this.#tidying = timers.at(clock.monotonic() + TIDY_EVERY_MS, () => {
      const { brokers } = this.metadata.image
      this.pool.tidy((nodeId) => brokers.size === 0 || brokers.has(nodeId))
      this.#tidyLater()
    })
  }
}
