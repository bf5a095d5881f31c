/** The order in which Java's hash tables give back what is in them. Kafka's assignors walk such tables,
 *  so who gets which partition depends on it; equal results need equal orders. */

const DEFAULT_CAPACITY = 16
const LOAD_FACTOR = 0.75
/** A bucket that grows beyond so many keys doubles a table smaller than `TREE_CAPACITY`. */
const LONG_BUCKET = 8
/** From here on Java turns long buckets into trees, which may give their keys in another order than
 *  they came; here they stay lists. It takes nine keys that share the lowest six bits of their hash. */
const TREE_CAPACITY = 64

/** A number of Java's type int for each key. */
export type HashOf<K> = (key: K) => number

/**
 * Keys in the order of a `java.util.HashMap` or `HashSet`: by the lowest bits of the hash, and by
 * arrival where these are equal. The table grows with its keys and never shrinks, so the order also
 * tells of how it was filled.
 */
export class JavaHashSet<K> {
  readonly #hashOf: HashOf<K>
  #buckets: K[][]
  #capacity: number
  #size = 0

  /** @param expected keys, as handed to Java's constructor: rounded up to a power of two. */
  constructor(hashOf: HashOf<K>, expected = DEFAULT_CAPACITY) {
    this.#hashOf = hashOf
    this.#capacity = 2 ** Math.ceil(Math.log2(Math.max(1, expected)))
    this.#buckets = new Array(this.#capacity)
  }

  /** As `new HashSet(collection)`, which makes room for all before it takes them. */
  static of<K>(hashOf: HashOf<K>, keys: Iterable<K>, count: number): JavaHashSet<K> {
    const room = Math.max(roomFor(count), DEFAULT_CAPACITY)
    const set = new JavaHashSet<K>(hashOf, room)
    for (const key of keys) set.add(key)
    return set
  }

  get size(): number {
    return this.#size
  }

  has(key: K): boolean {
    return this.#buckets[this.#slotOf(key)]?.includes(key) ?? false
  }

  /** As `put` and `add`. */
  add(key: K): void {
    const slot = this.#slotOf(key)
    const bucket = this.#buckets[slot]
    if (bucket === undefined) this.#buckets[slot] = [key]
    else if (bucket.includes(key)) return
    else {
      bucket.push(key)
      if (bucket.length > LONG_BUCKET && this.#capacity < TREE_CAPACITY) this.#grow()
    }
    this.#size += 1
    if (this.#size > this.#limit) this.#grow()
  }

  /** As `computeIfAbsent`: a new key comes first in its bucket, and the table grows with the next call
   *  only, whether that brings a new key or not. */
  addFirst(key: K): void {
    if (this.#size > this.#limit) this.#grow()
    if (this.has(key)) return
    const slot = this.#slotOf(key)
    const bucket = this.#buckets[slot] ?? []
    this.#buckets[slot] = bucket
    bucket.unshift(key)
    if (bucket.length >= LONG_BUCKET && this.#capacity < TREE_CAPACITY) this.#grow()
    this.#size += 1
  }

  delete(key: K): void {
    const bucket = this.#buckets[this.#slotOf(key)]
    const index = bucket?.indexOf(key) ?? -1
    if (index < 0) return
    bucket?.splice(index, 1)
    this.#size -= 1
  }

  *[Symbol.iterator](): Iterator<K> {
    for (const bucket of this.#buckets) if (bucket !== undefined) yield* bucket
  }

  /** How many keys a table of this capacity takes. */
  get #limit(): number {
    return Math.floor(this.#capacity * LOAD_FACTOR)
  }

  #slotOf(key: K): number {
    const hash = this.#hashOf(key)
    return (hash ^ (hash >>> 16)) & (this.#capacity - 1)
  }

  /** Doubles the table. Keys of a bucket that stay together stay in order. */
  #grow(): void {
    const before = this.#buckets
    this.#capacity *= 2
    this.#buckets = new Array(this.#capacity)
    for (const bucket of before) {
      for (const key of bucket ?? []) {
        const slot = this.#slotOf(key)
        const own = this.#buckets[slot]
        if (own === undefined) this.#buckets[slot] = [key]
        else own.push(key)
      }
    }
  }
}

/** The capacity that Java's code customarily asks for to hold `count` keys without growing. */
export function roomFor(count: number): number {
  return Math.floor(count / LOAD_FACTOR + 1)
}

/** `Integer.hashCode`. */
export const intHash: HashOf<number> = (value) => value

/** `String.hashCode`. */
export const stringHash: HashOf<string> = (text) => {
  let hash = 0
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0
  return hash
}

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const SIX_BITS = Uint8Array.from({ length: 128 }, (_, code) =>
  Math.max(0, BASE64URL.indexOf(String.fromCharCode(code))),
)

/**
 * `Uuid.hashCode` of a uuid in Kafka's text: the exclusive or of its four words of 32 bits. Each
 * character brings six bits, which may begin in one word and end in the next.
 */
export const uuidHash: HashOf<string> = (text) => {
  let hash = 0
  for (let i = 0; i < text.length; i++) {
    const bits = SIX_BITS[text.charCodeAt(i) & 127]!
    const shift = 26 - ((i * 6) % 32)
    hash ^= shift >= 0 ? bits << shift : (bits >>> -shift) ^ (bits << (32 + shift))
  }
  return hash
}

/** `Uuid.compareTo`: by both halves as signed numbers. */
export function compareUuids(left: string, right: string): number {
  const a = Buffer.from(left, 'base64url')
  const b = Buffer.from(right, 'base64url')
  const words = [
    [a.readInt32BE(0), b.readInt32BE(0)],
    [a.readUInt32BE(4), b.readUInt32BE(4)],
    [a.readInt32BE(8), b.readInt32BE(8)],
    [a.readUInt32BE(12), b.readUInt32BE(12)],
  ] as const
  for (const [x, y] of words) if (x !== y) return x - y
  return 0
}
