import type { Random } from '../kernel/environment.ts'

const ID_BYTES = 16
/** Kafka keeps the ids whose first 15 bytes are 0 for itself: "none" and its metadata topic. */
const RESERVED_ZEROS = ID_BYTES - 1

/**
 * A new topic id as Kafka writes it: 22 characters of base64url. None that is reserved, and none that
 * begins with `-`, which command lines would take for an option.
 * @param isTaken an id that a topic has or had: chance does not repeat one, a seeded source may.
 */
export function randomTopicId(random: Random, isTaken = (_: string): boolean => false): string {
  for (;;) {
    const bytes = random.bytes(ID_BYTES)
    // Version and variant of a random UUID (RFC 9562, section 5.4).
    bytes[6] = (bytes[6]! & 0x0f) | 0x40
    bytes[8] = (bytes[8]! & 0x3f) | 0x80
    const id = Buffer.from(bytes).toString('base64url')
    if (!id.startsWith('-') && !isTaken(id)) return id
  }
}

/** Whether an id may belong to a topic of ours. */
export function isUsableTopicId(id: string): boolean {
  const bytes = Buffer.from(id, 'base64url')
  return bytes.length === ID_BYTES && bytes.subarray(0, RESERVED_ZEROS).some((byte) => byte !== 0)
}
