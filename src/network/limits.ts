import type { BrokerConfig } from '../config/broker.ts'
import { readConnectionOverrides } from '../config/listeners.ts'

/** How much one peer, and all of them together, may ask of the network layer. */
export interface NetworkLimits {
  /** Largest frame of a request. A larger one closes its connection. */
  readonly requestMaxBytes: number
  /** Bytes of requests in work over all connections before reading stops; Infinity: no limit. */
  readonly queuedRequestMaxBytes: number
  /** Connections of the whole broker; more are closed at once. */
  readonly maxConnections: number
  /** Connections of one address, unless `maxConnectionsByHost` names it. */
  readonly maxConnectionsPerHost: number
  readonly maxConnectionsByHost: ReadonlyMap<string, number>
  /** A connection without traffic and without a request in work is closed after it. */
  readonly idleMs: number
  /** What a new connection has for its first valid request. */
  readonly firstRequestMs: number
  /** Largest frame that is read before its beginning was recognised as a request's. */
  readonly firstRequestMaxBytes: number
  /** How long a peer may read nothing of what waits for it. */
  readonly slowReaderMs: number
  /** Bytes of responses of one connection beyond which its requests are not read. */
  readonly responseQueueMaxBytes: number
  /** Requests of one connection in work, beyond which its further ones are not read. */
  readonly maxInFlight: number
}

const KEYS = [
  'socket.request.max.bytes',
  'queued.max.request.bytes',
  'max.connections',
  'max.connections.per.ip',
  'max.connections.per.ip.overrides',
  'connections.max.idle.ms',
  'moldau.first.request.timeout.ms',
  'moldau.first.request.max.bytes',
  'moldau.slow.reader.timeout.ms',
  'moldau.max.response.queue.bytes',
  'moldau.max.inflight.requests.per.connection',
] as const satisfies readonly (keyof BrokerConfig)[]

/** @throws ConfigError when `max.connections.per.ip.overrides` is no list of `address:count`. */
export function networkLimits(config: Pick<BrokerConfig, (typeof KEYS)[number]>): NetworkLimits {
  const idleMs = config['connections.max.idle.ms']
  const queued = config['queued.max.request.bytes']
  return {
    requestMaxBytes: config['socket.request.max.bytes'],
    queuedRequestMaxBytes: queued > 0 ? queued : Number.POSITIVE_INFINITY,
    maxConnections: config['max.connections'],
    maxConnectionsPerHost: config['max.connections.per.ip'],
    maxConnectionsByHost: addresses(config['max.connections.per.ip.overrides']),
    idleMs: idleMs < 0 ? Number.POSITIVE_INFINITY : idleMs,
    firstRequestMs: config['moldau.first.request.timeout.ms'],
    firstRequestMaxBytes: config['moldau.first.request.max.bytes'],
    slowReaderMs: config['moldau.slow.reader.timeout.ms'],
    responseQueueMaxBytes: config['moldau.max.response.queue.bytes'],
    maxInFlight: config['moldau.max.inflight.requests.per.connection'],
  }
}

/** Addresses, not names: a name is not looked up. Only `localhost` stands for its two addresses. */
function addresses(written: string): ReadonlyMap<string, number> {
  const limits = new Map<string, number>()
  for (const [host, count] of readConnectionOverrides(written)) {
    for (const address of host === 'localhost' ? ['127.0.0.1', '::1'] : [host]) {
      limits.set(address, count)
    }
  }
  return limits
}
