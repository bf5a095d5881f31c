/** Uuids, as text in our code and as 16 bytes on the wire. */

/** Kafka's text of the uuid that means "none": 22 characters of base64url, as of every uuid. */
export const ZERO_UUID = 'AAAAAAAAAAAAAAAAAAAAAA'

const UUID_BYTES = 16
const UUID_CHARACTERS = 22
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** Six bits per character code; 255 for characters that are not of the alphabet. */
const sixBits = new Uint8Array(128).fill(255)
for (let index = 0; index < alphabet.length; index++) sixBits[alphabet.charCodeAt(index)] = index

/** The text of the 16 bytes at `at`, which the caller has checked to exist. */
export function uuidText(bytes: Uint8Array, at: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + at, UUID_BYTES).toString('base64url')
}

/**
 * Writes the 16 bytes of a uuid at `at`.
 * @returns false, with unspecified bytes written, when `text` is not 22 characters of base64url.
 */
export function writeUuidBytes(bytes: Uint8Array, at: number, text: string): boolean {
  if (text.length !== UUID_CHARACTERS) return false
  let bits = 0
  let invalid = 0
  let next = at
  for (let index = 0; index < UUID_CHARACTERS; index++) {
    const code = text.charCodeAt(index)
    const value = code < 128 ? sixBits[code]! : 255
    invalid |= value
    bits = (bits << 6) | (value & 63)
    // Four characters make three bytes; the last two hold the 16th byte and four spare bits.
    if ((index & 3) === 3) {
      bytes[next] = bits >>> 16
      bytes[next + 1] = bits >>> 8
      bytes[next + 2] = bits
      next += 3
    }
  }
  bytes[next] = bits >>> 4
  return invalid < 64 && (bits & 15) === 0
}
