/** Both levels of the tree have this many branches: small enough to copy without a thought. */
const BRANCHES = 32
const BRANCH_BITS = 5

type Bucket<V> = ReadonlyMap<string, V>
type Branch<V> = readonly (Bucket<V> | undefined)[]

/**
 * A map from text that never changes. `with` gives a changed one that shares the rest with it: a
 * change among n entries copies two rows of 32 and the n/1024 entries of one bucket, where copying a
 * `Map` copies all n. Reading costs a hash of the key more than a `Map` does (tens of ns).
 */
export class ImmutableMap<V> implements Iterable<[string, V]> {
  readonly size: number
  readonly #branches: readonly (Branch<V> | undefined)[]

  private constructor(branches: readonly (Branch<V> | undefined)[], size: number) {
    this.#branches = branches
    this.size = size
  }

  static empty<V>(): ImmutableMap<V> {
    return new ImmutableMap<V>(new Array(BRANCHES).fill(undefined), 0)
  }

  get(key: string): V | undefined {
    const hash = hashOf(key)
    return this.#branches[hash % BRANCHES]?.[(hash >>> BRANCH_BITS) % BRANCHES]?.get(key)
  }

  has(key: string): boolean {
    return this.get(key) !== undefined
  }

  /** @param changes new values by key; undefined removes the key. */
  with(changes: ReadonlyMap<string, V | undefined>): ImmutableMap<V> {
    if (changes.size === 0) return this
    const branches = [...this.#branches]
    const copied = new Map<number, Map<string, V>>()
    let size = this.size
    for (const [key, value] of changes) {
      const slot = hashOf(key) % (BRANCHES * BRANCHES)
      const bucket = copied.get(slot) ?? new Map(bucketOf(branches, slot))
      copied.set(slot, bucket)
      const before = bucket.size
      if (value === undefined) bucket.delete(key)
      else bucket.set(key, value)
      size += bucket.size - before
    }
    const own = new Map<number, (Bucket<V> | undefined)[]>()
    for (const [slot, bucket] of copied) {
      const index = slot % BRANCHES
      const branch = own.get(index) ?? [...(branches[index] ?? new Array(BRANCHES))]
      own.set(index, branch)
      branches[index] = branch
      branch[slot >>> BRANCH_BITS] = bucket
    }
    return new ImmutableMap<V>(branches, size)
  }

  /** In no order that means anything. */
  *[Symbol.iterator](): Iterator<[string, V]> {
    for (const branch of this.#branches) {
      for (const bucket of branch ?? []) if (bucket !== undefined) yield* bucket
    }
  }

  *keys(): IterableIterator<string> {
    for (const [key] of this) yield key
  }

  *values(): IterableIterator<V> {
    for (const [, value] of this) yield value
  }
}

function bucketOf<V>(branches: readonly (Branch<V> | undefined)[], slot: number): Bucket<V> {
  return branches[slot % BRANCHES]?.[slot >>> BRANCH_BITS] ?? new Map()
}

/** FNV-1a with a final mix, as an unsigned 32-bit number. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193)
  hash ^= hash >>> 15
  return Math.imul(hash, 0x2c1b3c6d) >>> 0
}
