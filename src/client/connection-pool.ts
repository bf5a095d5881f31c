import { ReceiveMemory } from '../network/receive-memory.ts'
import { type Address, addressText } from './address.ts'
import { waitMs } from './backoff.ts'
import { BrokerConnection } from './broker-connection.ts'
import type { ClientSettings } from './client-settings.ts'
import { diagnostics } from './diagnostics.ts'
import { closedError } from './errors.ts'

/** The way to one broker through connections that come and go. */
interface Way {
  readonly address: Address
  readonly nodeId: number | undefined
  open: BrokerConnection | undefined
  opening: Promise<BrokerConnection> | undefined
  /** Attempts that failed in a row, and when the next one may begin. */
  failures: number
  notBeforeMs: number
}

/**
 * The connections of one client: at most one for each broker and purpose, made when first needed and
 * again, after a growing wait, when they were lost (`reconnect.backoff.ms`).
 */
export class ConnectionPool {
  readonly #settings: ClientSettings
  readonly #ways = new Map<string, Way>()
  readonly #receiveMemory = new ReceiveMemory()
  readonly #over = new AbortController()

  constructor(settings: ClientSettings) {
    this.#settings = settings
  }

  /** The open connection to a broker, if there is one now: no promise on the fast path. */
  current(address: Address, nodeId?: number, purpose = ''): BrokerConnection | undefined {
    const way = this.#ways.get(keyOf(address, nodeId, purpose))
    return way?.open?.isOpen === true ? way.open : undefined
  }

  /** When a lost broker may be tried again, on the monotonic clock; 0 when at once. */
  notBeforeMs(address: Address, nodeId?: number, purpose = ''): number {
    return this.#ways.get(keyOf(address, nodeId, purpose))?.notBeforeMs ?? 0
  }

  /**
   * The connection to a broker, made if need be; callers at the same time share one attempt.
   * @param purpose separates connections to one broker: a fetch that waits there must not keep
   *   heartbeats from their turn.
   * @throws RetriableError when it cannot be made, or not yet; FatalError for a peer too old.
   */
  async connect(address: Address, nodeId?: number, purpose = ''): Promise<BrokerConnection> {
    if (this.#over.signal.aborted) throw this.#over.signal.reason
    const way = this.#wayTo(address, nodeId, purpose)
    if (way.open?.isOpen === true) return way.open
    way.opening ??= this.#open(way).finally(() => {
      way.opening = undefined
    })
    return way.opening
  }

  /** Ends all connections; what waits on them fails, and no new one is made. */
  close(): void {
    this.#over.abort(closedError())
    for (const way of this.#ways.values()) way.open?.close()
    this.#ways.clear()
  }

  /** Ends what nobody used for `connections.max.idle.ms`, and forgets brokers that are not `known`. */
  tidy(known: (nodeId: number) => boolean): void {
    const nowMs = this.#settings.environment.clock.monotonic()
    for (const [key, way] of this.#ways) {
      const { open } = way
      if (way.nodeId !== undefined && !known(way.nodeId)) this.#ways.delete(key)
      else if (open === undefined || nowMs - open.lastUsedMs < this.#settings.idleConnectionMs)
        continue
      if (open?.inFlight === 0) open.close()
    }
  }

  #wayTo(address: Address, nodeId: number | undefined, purpose: string): Way {
    const key = keyOf(address, nodeId, purpose)
    let way = this.#ways.get(key)
    if (way === undefined) {
      const nothing = { open: undefined, opening: undefined, failures: 0, notBeforeMs: 0 }
      way = { address, nodeId, ...nothing }
      this.#ways.set(key, way)
    }
    return way
  }

  async #open(way: Way): Promise<BrokerConnection> {
    const { clock, timers, random } = this.#settings.environment
    if (clock.monotonic() < way.notBeforeMs) await this.#pause(way.notBeforeMs, timers.at)
    const setupMs = waitMs(this.#settings.setup, way.failures + 1, random)
    const { address, nodeId } = way
    try {
      const open = BrokerConnection.open
      const signal = this.#over.signal
      way.open = await open(address, nodeId, this.#settings, this.#receiveMemory, setupMs, signal)
    } catch (error) {
      this.#lost(way)
      this.#tell(way, error)
      throw error
    }
    way.failures = 0
    this.#tell(way)
    const { open } = way
    void open.ended.then((error) => this.#ended(way, open, error))
    return open
  }

  #pause(untilMs: number, at: ClientSettings['environment']['timers']['at']): Promise<void> {
    const { signal } = this.#over
    return new Promise((resolve, reject) => {
      const abandon = () => {
        timer.cancel()
        reject(signal.reason)
      }
      const timer = at(untilMs, () => {
        signal.removeEventListener('abort', abandon)
        resolve()
      })
      signal.addEventListener('abort', abandon, { once: true })
    })
  }

  #ended(way: Way, connection: BrokerConnection, error: Error): void {
    if (way.open !== connection) return
    way.open = undefined
    this.#lost(way)
    this.#tell(way, error)
  }

  #lost(way: Way): void {
    const { clock, random } = this.#settings.environment
    way.failures += 1
    way.notBeforeMs = clock.monotonic() + waitMs(this.#settings.reconnect, way.failures, random)
  }

  #tell({ address, nodeId }: Way, error?: unknown): void {
    if (!diagnostics.connection.hasSubscribers) return
    const broker = addressText(address) + (nodeId === undefined ? '' : ` (broker ${nodeId})`)
    const failed = error === undefined ? {} : { error }
    diagnostics.connection.publish({ clientId: this.#settings.clientId, broker, ...failed })
  }
}

function keyOf(address: Address, nodeId: number | undefined, purpose: string): string {
  return `${nodeId ?? 'bootstrap'}|${addressText(address)}|${purpose}`
}
