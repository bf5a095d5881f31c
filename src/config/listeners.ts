import { ConfigError } from './config-error.ts'

/** What a connection speaks before and below Kafka's protocol. */
export const securityProtocols = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'] as const

/** One of `securityProtocols`. */
export type SecurityProtocol = (typeof securityProtocols)[number]

/** An address to listen on, or to tell clients. */
export interface Listener {
  /** In capitals, as Kafka shows it. */
  readonly name: string
  /** A name, an IPv4 or an IPv6 address without brackets; empty for all interfaces. */
  readonly host: string
  /** 0 lets the system choose. */
  readonly port: number
  readonly securityProtocol: SecurityProtocol
}

/** The settings that listeners come from. */
interface ListenerKeys {
  readonly listeners: readonly string[]
  readonly 'advertised.listeners': readonly string[] | null
  readonly 'listener.security.protocol.map': string
  readonly 'controller.listener.names': readonly string[]
}

/** Where a broker listens and what it tells clients. */
export interface Listeners {
  /** In the order written, those of controllers left out. */
  readonly bound: readonly Listener[]
  /** By listener name; a name that is absent is advertised as the address the client used. */
  readonly advertised: ReadonlyMap<string, Listener>
}

const ENDPOINT = /^([^:/]+):\/\/(?:\[([0-9a-zA-Z:.%_-]*)\]|([^:/[\]]*)):(-?\d+)$/
const ENDPOINT_WORDS = 'NAME://host:port, host may be empty, IPv6 in brackets'

/**
 * Reads the keys about listeners. Names that `controller.listener.names` claims are dropped: Kafka
 * opens them for its quorum, and an existing file carries them.
 * @throws ConfigError for a malformed address, an unknown protocol, doubled names or ports, and
 *   addresses nobody can connect to.
 */
export function readListeners(config: ListenerKeys): Listeners {
  const controllers = new Set(config['controller.listener.names'].map((name) => name.toUpperCase()))
  const ours = (name: string) => !controllers.has(name)
  const protocols = readProtocolMap(config['listener.security.protocol.map'])
  const read = (key: string, entry: string) => readListener(key, entry, protocols, ours)
  const bound = config.listeners.flatMap((entry) => read('listeners', entry))
  const advertised = config['advertised.listeners']?.flatMap((entry) =>
    read('advertised.listeners', entry),
  )
  const written = config.listeners.join(',')
  if (bound.length === 0) {
    fail('listeners', written, 'at least one listener that is not in controller.listener.names')
  }
  refuseDoubles('listeners', written, bound)
  for (const listener of advertised ?? []) checkAdvertised(listener, bound, config)
  return { bound, advertised: new Map(advertised?.map((each) => [each.name, each])) }
}

function readListener(
  key: string,
  entry: string,
  protocols: ReadonlyMap<string, SecurityProtocol>,
  ours: (name: string) => boolean,
): readonly Listener[] {
  const [, word = '', ipv6, host = '', digits = ''] = ENDPOINT.exec(entry) ?? []
  const name = word.toUpperCase()
  const port = Number(digits)
  if (name === '' || port < 0 || port > 65_535)
    fail(key, entry, `${ENDPOINT_WORDS}, port 0 to 65535`)
  if (!ours(name)) return []
  const securityProtocol = protocols.get(name)
  if (!securityProtocol) {
    const known = [...protocols.keys()].join(', ')
    fail(key, entry, `a name that listener.security.protocol.map knows: ${known}`)
  }
  return [{ name, host: ipv6 ?? host, port, securityProtocol }]
}

function readProtocolMap(written: string): ReadonlyMap<string, SecurityProtocol> {
  const key = 'listener.security.protocol.map'
  const map = new Map<string, SecurityProtocol>()
  for (const pair of written.split(',').filter((each) => each.trim() !== '')) {
    const [name = '', word = ''] = pair.split(':').map((each) => each.trim())
    const protocol = securityProtocols.find((each) => each === word.toUpperCase())
    if (name === '' || !protocol) {
      fail(key, pair.trim(), `NAME:PROTOCOL, PROTOCOL one of ${securityProtocols.join(', ')}`)
    }
    map.set(name.toUpperCase(), protocol)
  }
  return map
}

function refuseDoubles(key: string, written: string, listeners: readonly Listener[]): void {
  const names = new Set(listeners.map(({ name }) => name))
  if (names.size !== listeners.length) fail(key, written, 'a name of its own for each listener')
  const byPort = Map.groupBy(listeners, ({ port }) => port)
  for (const [port, sharing] of byPort) {
    const families = sharing.map(({ host }) => familyOf(host)).sort()
    if (port !== 0 && sharing.length > 1 && families.join() !== 'ipv4,ipv6')
      fail(key, written, 'a port of its own for each listener')
  }
}

/** KIP-797: one port may serve an IPv4 and an IPv6 address; a name could be either. */
function familyOf(host: string): string {
  if (host.includes(':')) return 'ipv6'
  return /^\d+(?:\.\d+){3}$/.test(host) ? 'ipv4' : 'any'
}

function checkAdvertised(
  listener: Listener,
  bound: readonly Listener[],
  config: ListenerKeys,
): void {
  const key = 'advertised.listeners'
  const written = config[key]?.join(',') ?? ''
  if (['', '0.0.0.0', '::'].includes(listener.host))
    fail(key, written, 'addresses a client can connect to; an empty host, 0.0.0.0 and :: are not')
  if (!bound.some(({ name }) => name === listener.name))
    fail(key, written, `names of listeners: ${bound.map(({ name }) => name).join(', ')}`)
}

function fail(key: string, written: string, allowed: string): never {
  const message = `Invalid value ${written} for configuration ${key}: expected ${allowed}`
  throw new ConfigError(key, written, allowed, message)
}

/** Reads `max.connections.per.ip.overrides`. IPv6 addresses may be in brackets. @throws ConfigError */
export function readConnectionOverrides(written: string): ReadonlyMap<string, number> {
  const limits = new Map<string, number>()
  for (const pair of written.split(',').filter((each) => each.trim() !== '')) {
    const colon = pair.lastIndexOf(':')
    const [host, digits] = [pair.slice(0, colon).trim(), pair.slice(colon + 1).trim()]
    if (colon < 1 || !/^\d{1,10}$/.test(digits))
      fail('max.connections.per.ip.overrides', written, 'host:count pairs, comma separated')
    limits.set(host.replace(/^\[|\]$/g, ''), Number(digits))
  }
  return limits
}
