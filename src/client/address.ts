/** Where a broker listens. */
export interface Address {
  readonly host: string
  readonly port: number
}

/**
 * Reads `host:port`, with an IPv6 address in brackets.
 * @throws TypeError for anything else.
 */
export function parseAddress(written: string): Address {
  const parts = /^(?:[a-zA-Z_]+:\/\/)?(?:\[([0-9a-fA-F:.%]+)\]|([^[\]:]+)):(\d{1,5})$/.exec(
    written.trim(),
  )
  const port = Number(parts?.[3])
  if (parts === null || port > 65_535) {
    throw new TypeError(
      `bootstrap.servers: '${written}' is no host:port, as in broker.example:9092`,
    )
  }
  return { host: parts[1] ?? parts[2]!, port }
}

export function addressText({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
