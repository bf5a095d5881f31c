import { ConfigError } from '../config/config-error.ts'

/** How bytes are protected on the way and how a peer proves who it is. */
export type SecurityProtocol = 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL'

const SECURITY_PROTOCOLS: readonly SecurityProtocol[] = [
  'PLAINTEXT',
  'SSL',
  'SASL_PLAINTEXT',
  'SASL_SSL',
]

/** A named address to listen on, and the address that is told to clients of this name. */
export interface ListenerConfig {
  /** In capitals, such as `PLAINTEXT` or `INTERNAL`. */
  readonly name: string
  readonly securityProtocol: SecurityProtocol
  /** Empty: all interfaces. */
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  /** undefined: clients are told the address that they connected to. */
  readonly advertised: HostAndPort | undefined
}

export interface HostAndPort {
  readonly host: string
  readonly port: number
}

/** The keys that describe listeners, under their names of the configuration. */
export interface ListenerKeys {
  readonly listeners: readonly string[]
  readonly 'advertised.listeners': readonly string[] | null
  readonly 'listener.security.protocol.map': string
}

/**
 * Reads the listeners of a configuration.
 * @throws ConfigError for an address that cannot be read, a name or port used twice, a name without
 *   security protocol, or an advertised listener that is none or names no single host.
 */
export function parseListeners(config: ListenerKeys): readonly ListenerConfig[] {
  const protocols = parseProtocols(config['listener.security.protocol.map'])
  const listening = parseAddresses('listeners', config.listeners)
  checkPorts(config.listeners, listening)
  const advertised = advertisedOf(config, listening)
  return [...listening].map(([name, address]) => {
    const securityProtocol = protocols.get(name)
    if (securityProtocol === undefined) {
      const map = config['listener.security.protocol.map']
      const problem = `no security protocol is named for the listener ${name}`
      throw bad('listener.security.protocol.map', map, 'NAME:PROTOCOL pairs', problem)
    }
    return { name, securityProtocol, ...address, advertised: advertised.get(name) }
  })
}

/** `NAME://host:port`, IPv6 addresses in brackets. An empty host stands for all interfaces. */
function parseAddresses(key: string, entries: readonly string[]): ReadonlyMap<string, HostAndPort> {
  const addresses = new Map<string, HostAndPort>()
  for (const entry of entries) {
    const match =
      /^\s*([A-Za-z0-9_.-]+):\/\/(?:\[([0-9a-fA-F:.%\w]*)\]|([^:[\]/\s]*)):(\d+)\s*$/.exec(entry)
    const port = Number(match?.[4])
    if (!match?.[1] || port > 65_535) throw badEntry(key, entry, 'it is no NAME://host:port')
    const name = match[1].toUpperCase()
    if (addresses.has(name)) throw badEntry(key, entry, `the name ${name} is used twice`)
    addresses.set(name, { host: match[2] ?? match[3] ?? '', port })
  }
  return addresses
}

/** One port may be listened on twice only when one address is IPv4 and the other is IPv6. */
function checkPorts(entries: readonly string[], addresses: ReadonlyMap<string, HostAndPort>): void {
  const taken = new Map<number, string[]>()
  for (const { host, port } of addresses.values()) {
    if (port === 0) continue
    const others = taken.get(port) ?? []
    const isPair = others.length === 1 && familyOf(host) + familyOf(others[0]!) === 10
    if (others.length > 0 && !isPair) {
      throw badEntry('listeners', entries.join(), `the port ${port} is used twice`)
    }
    taken.set(port, [...others, host])
  }
}

/** 4 or 6 for an address of that family, 0 for a name. */
function familyOf(host: string): number {
  if (/^\d+\.\d+\.\d+\.\d+$/.test(host)) return 4
  return host.includes(':') ? 6 : 0
}

function advertisedOf(
  config: ListenerKeys,
  listening: ReadonlyMap<string, HostAndPort>,
): ReadonlyMap<string, HostAndPort> {
  const key = 'advertised.listeners'
  const entries = config[key]
  if (entries === null) return configuredHosts(listening)
  const advertised = parseAddresses(key, entries)
  for (const [name, { host }] of advertised) {
    if (!listening.has(name)) throw badEntry(key, entries.join(), `${name} is no listener`)
    if (isWildcard(host)) {
      throw badEntry(key, entries.join(), `${host || 'an empty host'} is no address to connect to`)
    }
  }
  return advertised
}

/** A host that was named in `listeners` is told as it is; its port may have been left open. */
function configuredHosts(
  listening: ReadonlyMap<string, HostAndPort>,
): ReadonlyMap<string, HostAndPort> {
  return new Map([...listening].filter(([, { host }]) => !isWildcard(host)))
}

function isWildcard(host: string): boolean {
  return host === '' || host === '0.0.0.0' || /^[0:]+$/.test(host)
}

function parseProtocols(text: string): ReadonlyMap<string, SecurityProtocol> {
  const key = 'listener.security.protocol.map'
  const protocols = new Map<string, SecurityProtocol>()
  for (const entry of text.split(',')) {
    if (entry.trim() === '') continue
    const [name, value, ...more] = entry.split(':').map((part) => part.trim().toUpperCase())
    const protocol = SECURITY_PROTOCOLS.find((known) => known === value)
    if (!name || protocol === undefined || more.length > 0) {
      const allowed = `NAME:PROTOCOL with one of ${SECURITY_PROTOCOLS.join(', ')}`
      throw bad(key, entry, allowed, 'it is no NAME:PROTOCOL')
    }
    if (protocols.has(name)) throw bad(key, text, 'each name once', `${name} is named twice`)
    protocols.set(name, protocol)
  }
  return protocols
}

function badEntry(key: string, value: string, problem: string): ConfigError {
  return bad(key, value, 'NAME://host:port entries separated by commas', problem)
}

function bad(key: string, value: string, allowed: string, problem: string): ConfigError {
  const message = `Invalid value ${value} for configuration ${key}: ${problem}`
  return new ConfigError(key, value, allowed, message)
}
