import { assert } from './assert.ts'

/** The memory under a pooled buffer, and how many parts of the process still look at it. */
interface Lease {
  readonly pool: BufferPool
  readonly memory: Uint8Array
  holders: number
}

/** Found by the memory itself, so that whoever keeps a view need not know where it came from. */
const leases = new WeakMap<ArrayBufferLike, Lease>()

/** Sizes are rounded up to this times a power of two, or to three quarters of that. Few sizes are worth
 *  more than tight ones: frames whose sizes differ are to find each other's memory. */
const SMALLEST_BYTES = 8_192

/**
 * Buffers that are used again instead of being left to the garbage collector: at a gigabyte a
 * second it would otherwise mark the whole heap every 40 MB, which costs more than the copying
 * (`bench`: produce of 1 KB records, 2.75 against 0.7 s of CPU per GB together with early writes).
 *
 * A buffer belongs to those who hold it. `take` holds it once; everyone who keeps a view beyond the
 * call it was given in says `holdMemory`, and `releaseMemory` once when done. At the last release it may
 * be overwritten at any time. Forgetting to release only leaves the memory to the garbage collector.
 */
export class BufferPool {
  readonly #maxFreeBytes: number
  readonly #free = new Map<number, Lease[]>()
  #freeBytes = 0

  /** @param maxFreeBytes unused memory that is kept; what is released beyond it is dropped. */
  constructor(maxFreeBytes: number) {
    this.#maxFreeBytes = maxFreeBytes
  }

  /** Unused memory that is kept. */
  get freeBytes(): number {
    return this.#freeBytes
  }

  /** A buffer of exactly `sizeBytes`, alone in its memory, with anything in it. */
  take(sizeBytes: number): Uint8Array {
    const memoryBytes = roundUp(sizeBytes)
    const lease = this.#free.get(memoryBytes)?.pop() ?? this.#allocate(memoryBytes)
    if (lease.holders < 0) this.#freeBytes -= memoryBytes
    lease.holders = 1
    return lease.memory.subarray(0, sizeBytes)
  }

  /** Takes memory back that nobody holds any more. */
  giveBack(lease: Lease): void {
    const memoryBytes = lease.memory.length
    lease.holders = UNHELD
    this.#makeRoom(memoryBytes)
    if (this.#freeBytes + memoryBytes > this.#maxFreeBytes) {
      leases.delete(lease.memory.buffer)
      return
    }
    this.#freeBytes += memoryBytes
    const free = this.#free.get(memoryBytes)
    if (free === undefined) this.#free.set(memoryBytes, [lease])
    else free.push(lease)
  }

  /** Drops memory of other sizes, which are asked for no more when there is so much of it. */
  #makeRoom(memoryBytes: number): void {
    if (this.#freeBytes + memoryBytes <= this.#maxFreeBytes) return
    for (const [sizeBytes, free] of this.#free) {
      if (sizeBytes === memoryBytes) continue
      for (const { memory } of free) leases.delete(memory.buffer)
      this.#free.delete(sizeBytes)
      this.#freeBytes -= sizeBytes * free.length
    }
  }

  #allocate(memoryBytes: number): Lease {
    const { buffer, byteOffset } = Buffer.allocUnsafeSlow(memoryBytes)
    const memory = new Uint8Array(buffer, byteOffset, memoryBytes)
    const lease = { pool: this, memory, holders: 0 }
    leases.set(buffer, lease)
    return lease
  }
}

function roundUp(sizeBytes: number): number {
  let memoryBytes = SMALLEST_BYTES
  while (memoryBytes < sizeBytes) memoryBytes *= 2
  const less = (memoryBytes / 4) * 3
  return sizeBytes <= less && memoryBytes > SMALLEST_BYTES ? less : memoryBytes
}

/** What `holders` says of memory that lies in the pool. */
const UNHELD = -1

/** Keeps the memory of `bytes` from being used again. Does nothing for memory of no pool. */
export function holdMemory(bytes: Uint8Array): void {
  const lease = leases.get(bytes.buffer)
  if (lease === undefined) return
  assert(lease.holders > 0, 'memory is held by someone when another begins to hold it')
  lease.holders += 1
}

/** Ends one hold. Does nothing for memory of no pool. */
export function releaseMemory(bytes: Uint8Array): void {
  const lease = leases.get(bytes.buffer)
  if (lease === undefined) return
  assert(lease.holders > 0, 'memory is released no more often than it was held')
  lease.holders -= 1
  if (lease.holders === 0) lease.pool.giveBack(lease)
}
