import { writeInt32 } from '../kernel/bytes.ts'

/**
 * What a peer seems to speak that sent no Kafka request, and what its user should do about it.
 * @param sizeBytes the first four bytes it sent, as the frame's size.
 * @param firstWord the four bytes behind them.
 */
export function foreignProtocol(sizeBytes: number, firstWord: number): Foreign {
  const bytes = new Uint8Array(8)
  writeInt32(bytes, 0, sizeBytes)
  writeInt32(bytes, 4, firstWord)
  const text = Buffer.from(bytes).toString('latin1')
  for (const { looksLike, begins, hint } of KNOWN) {
    if (begins.some((beginning) => text.startsWith(beginning))) return { looksLike, hint }
  }
  return UNKNOWN
}

/**
 * Whether a frame that begins with `firstWord` may be a request: its API key and version are ones
 * that Kafka could have. Leaves room for those to come, and for a client that is newer than we are.
 */
export function looksLikeRequest(firstWord: number): boolean {
  const apiKey = firstWord >> 16
  const apiVersion = (firstWord << 16) >> 16
  return apiKey >= 0 && apiKey < 256 && apiVersion >= 0 && apiVersion < 256
}

export interface Foreign {
  readonly looksLike: string
  readonly hint: string
}

const UNKNOWN: Foreign = {
  looksLike: 'no Kafka request',
  hint: 'Only Kafka clients can use this port.',
}

interface Known extends Foreign {
  /** What its streams begin with, as Latin-1 text. */
  readonly begins: readonly string[]
}

const HTTP_METHODS = ['GET ', 'POST', 'PUT ', 'HEAD', 'DELE', 'OPTI', 'PATC', 'CONN', 'TRAC']

const KNOWN: readonly Known[] = [
  {
    looksLike: 'HTTP',
    begins: [...HTTP_METHODS, 'PRI ', 'HTTP'],
    hint: 'This port speaks the Kafka protocol; point browsers and probes at an HTTP port.',
  },
  {
    looksLike: 'TLS',
    // A handshake record (22) of version 3.0 to 3.4.
    begins: [0, 1, 2, 3, 4].map((minor) => `\x16\x03${String.fromCharCode(minor)}`),
    hint: 'This listener is not encrypted; set security.protocol of the client to PLAINTEXT.',
  },
  {
    looksLike: 'SSH',
    begins: ['SSH-'],
    hint: 'This port speaks the Kafka protocol.',
  },
  {
    looksLike: 'the PROXY protocol',
    begins: ['PROX', '\r\n\r\n\0\r\nQ'],
    hint: 'Turn the PROXY protocol off in the load balancer in front of this broker.',
  },
  {
    looksLike: 'PostgreSQL',
    begins: ['\0\0\0\x08\x04\xd2\x16\x2f', '\0\0\0\x08\x04\xd2\x16\x30'],
    hint: 'This port speaks the Kafka protocol.',
  },
  {
    looksLike: 'Redis',
    begins: ['PING', '*1\r\n', '*2\r\n', '*3\r\n'],
    hint: 'This port speaks the Kafka protocol.',
  },
  {
    looksLike: 'AMQP',
    begins: ['AMQP'],
    hint: 'This port speaks the Kafka protocol.',
  },
]
