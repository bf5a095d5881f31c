import type { Random } from '../kernel/environment.ts'

/**
 * A new id for a cluster, a log directory or a topic: a version 4 UUID (RFC 9562) in Kafka's form, 22
 * characters of base64url. As in Kafka it never begins with "-", which tools would take for an option.
 */
export function randomId(random: Random): string {
  for (;;) {
    const id = Buffer.from(randomUuidBytes(random)).toString('base64url')
    if (!id.startsWith('-')) return id
  }
}

/** A new version 4 UUID as 32 hexadecimal digits. */
export function randomHexId(random: Random): string {
  return Buffer.from(randomUuidBytes(random)).toString('hex')
}

/** Whether `text` can be an id of Kafka's form: 16 bytes in base64url without padding. */
export function isId(text: string): boolean {
  return /^[A-Za-z0-9_-]{22}$/.test(text)
}

function randomUuidBytes(random: Random): Uint8Array {
  const bytes = Uint8Array.from(random.bytes(16))
  bytes[6] = (bytes[6]! & 0x0f) | 0x40
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return bytes
}
