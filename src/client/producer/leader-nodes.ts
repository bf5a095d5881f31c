import type { BrokerConnection } from '../broker-connection.ts'
import type { Cluster } from '../cluster.ts'

/** What is under way to one broker. */
interface LeaderNode {
  /** Requests that wait for their answers. */
  inFlight: number
  isConnecting: boolean
  /** Nothing is sent before: the broker asked for a pause (KIP-219), or it cannot be reached. */
  notBeforeMs: number
  /** Since when it has taken nothing though it should; Infinity while it takes what it is given. */
  stuckSinceMs: number
}

/** What `connectionTo` answers: a connection, or when to ask again; never, when an answer or a
 *  connection will wake the caller. */
export type Way = BrokerConnection | { readonly askAgainMs: number }

/** The brokers that lead partitions, as a producer sees them: who may be sent one more request. */
export class LeaderNodes {
  readonly #cluster: Cluster
  readonly #maxInFlight: number
  readonly #availabilityTimeoutMs: number
  readonly #wake: () => void
  readonly #nodes = new Map<number, LeaderNode>()

  /** @param wake called when a broker may be reached that could not before. */
  constructor(
    cluster: Cluster,
    limits: { readonly maxInFlight: number; readonly availabilityTimeoutMs: number },
    wake: () => void,
  ) {
    this.#cluster = cluster
    this.#maxInFlight = limits.maxInFlight
    this.#availabilityTimeoutMs = limits.availabilityTimeoutMs
    this.#wake = wake
  }

  /** The connection over which a leader takes one more request now; it is made if there is none. */
  connectionTo(leaderId: number, nowMs: number): Way {
    const node = this.#node(leaderId)
    if (nowMs < node.notBeforeMs) return { askAgainMs: node.notBeforeMs }
    const open = this.#cluster.current(leaderId)
    if (open !== undefined && node.inFlight < this.#maxInFlight) {
      node.stuckSinceMs = Number.POSITIVE_INFINITY
      return open
    }
    node.stuckSinceMs = Math.min(node.stuckSinceMs, nowMs)
    if (open === undefined && !node.isConnecting) void this.#connect(leaderId, node)
    return { askAgainMs: Number.POSITIVE_INFINITY }
  }

  /** A request is on its way. */
  sent(leaderId: number): void {
    this.#node(leaderId).inFlight += 1
  }

  /** It was answered or failed. @param throttleMs the pause that the broker asked for. */
  over(leaderId: number, throttleMs = 0): void {
    const node = this.#node(leaderId)
    node.inFlight -= 1
    if (throttleMs > 0) node.notBeforeMs = this.#nowMs() + throttleMs
    this.#wake()
  }

  /** Whether a leader takes what it is given, by `partitioner.availability.timeout.ms` (KIP-794). */
  isAvailable(leaderId: number): boolean {
    if (leaderId < 0) return false
    const node = this.#nodes.get(leaderId)
    if (this.#availabilityTimeoutMs === 0 || node === undefined) return true
    return this.#nowMs() - node.stuckSinceMs < this.#availabilityTimeoutMs
  }

  async #connect(leaderId: number, node: LeaderNode): Promise<void> {
    node.isConnecting = true
    try {
      await this.#cluster.broker(leaderId)
    } catch {
      // The batches wait for a new leader or for this one to be back; their own time tells the rest.
      const { reconnect } = this.#cluster.settings
      const soonMs = this.#nowMs() + reconnect.firstMs
      node.notBeforeMs = Math.max(this.#cluster.notBeforeMs(leaderId), soonMs)
    } finally {
      node.isConnecting = false
      this.#wake()
    }
  }

  #nowMs(): number {
    return this.#cluster.settings.environment.clock.monotonic()
  }

  #node(id: number): LeaderNode {
    let node = this.#nodes.get(id)
    if (node === undefined) {
      const stuckSinceMs = Number.POSITIVE_INFINITY
      node = { inFlight: 0, isConnecting: false, notBeforeMs: 0, stuckSinceMs }
      this.#nodes.set(id, node)
    }
    return node
  }
}
