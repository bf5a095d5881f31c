/**
 * Turns bytes into text, remembering recent results. The same few topic names and ids arrive in
 * every request: looking one up costs a pass over its bytes instead of a call into the runtime, and
 * equal names are then the same object, which makes the maps they index faster.
 *
 * Direct-mapped: a name replaces whatever shared its slot, so the size is bounded and a peer that
 * sends ever new names only loses the benefit.
 */
export interface TextCache {
  /** The text of `bytes[at, end)`, a range the caller has checked. */
  read(bytes: Uint8Array, at: number, end: number): string
}

const SLOTS = 1024 // a power of two
/** Longer texts are rare (topic names end at 249 bytes) and not worth hashing. */
const LONGEST_BYTES = 64

/** @param toText what a byte range means; must depend on nothing but the bytes. */
export function textCache(
  toText: (bytes: Uint8Array, at: number, end: number) => string,
): TextCache {
  const keys: (Uint8Array | undefined)[] = new Array(SLOTS).fill(undefined)
  const texts: string[] = new Array(SLOTS).fill('')
  return {
    read(bytes, at, end) {
      const length = end - at
      if (length > LONGEST_BYTES) return toText(bytes, at, end)
      let hash = length
      for (let index = at; index < end; index++) hash = Math.imul(hash, 31) + bytes[index]!
      hash ^= hash >>> 15
      const slot = hash & (SLOTS - 1)
      const key = keys[slot]
      if (key !== undefined && matches(key, bytes, at, length)) return texts[slot]!
      const text = toText(bytes, at, end)
      keys[slot] = new Uint8Array(bytes.subarray(at, end)) // a copy, also of a Buffer
      texts[slot] = text
      return text
    },
  }
}

function matches(key: Uint8Array, bytes: Uint8Array, at: number, length: number): boolean {
  if (key.length !== length) return false
  for (let index = 0; index < length; index++) if (key[index] !== bytes[at + index]) return false
  return true
}
