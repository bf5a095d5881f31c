/** The hash that decides which partition a key belongs to: every client that shares a topic must use
 *  the same one, bit for bit. */

const SEED = 0x9747b28c
const M = 0x5bd1e995
const R = 24

/** MurmurHash 2 of 32 bits, as Kafka's clients compute it. @returns a signed 32-bit number. */
export function murmur2(bytes: Uint8Array): number {
  const { length } = bytes
  const wholeEnd = length & ~3
  let hash = SEED ^ length
  for (let at = 0; at < wholeEnd; at += 4) {
    let word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
    word = Math.imul(word, M)
    word = Math.imul(word ^ (word >>> R), M)
    hash = Math.imul(hash, M) ^ word
  }
  const rest = length - wholeEnd
  if (rest > 2) hash ^= bytes[wholeEnd + 2]! << 16
  if (rest > 1) hash ^= bytes[wholeEnd + 1]! << 8
  if (rest > 0) hash = Math.imul(hash ^ bytes[wholeEnd]!, M)
  hash = Math.imul(hash ^ (hash >>> 13), M)
  return hash ^ (hash >>> 15)
}

/** The partition of a key among `count`: the hash without its sign, modulo. */
export function partitionOfKey(key: Uint8Array, count: number): number {
  return (murmur2(key) & 0x7fff_ffff) % count
}
