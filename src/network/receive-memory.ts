import { BufferPool, holdMemory, releaseMemory } from '../kernel/buffer-pool.ts'
import { EMPTY_BYTES } from '../kernel/bytes.ts'

/** The network layer: connections that carry whole Kafka frames. It knows where a frame ends and who
 *  may send how much; what a frame means is for the layers above. This file is where bytes land. */

/** What one read of a connection may bring at most, unless it goes into a frame of its own. Frames of
 *  16 KB come in at 4 GB/s with it, at 3 GB/s with a quarter of it (`bench/network.ts`). */
const LANDING_BYTES = 262_144
/** Frames from this size on are received into memory that is used again. */
const POOLED_FROM_BYTES = 4_096
/** Unused memory kept for them. */
const MAX_FREE_BYTES = 32 * 1024 * 1024
/** How much memory the small frames of all connections are taken from at a time. */
const CHUNK_BYTES = 262_144

/**
 * The memory into which all connections of one event loop receive. Idle connections hold none of it.
 *
 * Reads end in one shared landing place and are taken out of it before the next one, whoever's it
 * is. Small frames are copied together into chunks. A chunk is written again once nobody holds a
 * frame in it; one that is never released keeps the whole chunk of 256 KB, for the garbage collector.
 */
export class ReceiveMemory {
  /** Overwritten by the next read of any connection. */
  readonly landing: Uint8Array = uninitialized(LANDING_BYTES)
  readonly #pool = new BufferPool(MAX_FREE_BYTES)
  #chunk: Uint8Array = EMPTY_BYTES
  #used = 0

  /** @returns memory of exactly that size for one frame, alone in its buffer. Whoever has done with it
   *  may give it back with `releaseMemory`, once. */
  frame(sizeBytes: number): Uint8Array {
    return sizeBytes < POOLED_FROM_BYTES ? uninitialized(sizeBytes) : this.#pool.take(sizeBytes)
  }

  /** @returns a copy that nobody will overwrite before the caller, who holds it, releases it. */
  keep(bytes: Uint8Array): Uint8Array {
    const copy = this.#roomFor(bytes.length)
    copy.set(bytes)
    return copy
  }

  #roomFor(sizeBytes: number): Uint8Array {
    // A full read has its copy for itself: half a chunk would be lost for it.
    if (sizeBytes > CHUNK_BYTES / 2) return this.#pool.take(sizeBytes)
    if (this.#used + sizeBytes > this.#chunk.length) {
      releaseMemory(this.#chunk)
      this.#chunk = this.#pool.take(CHUNK_BYTES)
      this.#used = 0
    }
    const room = this.#chunk.subarray(this.#used, this.#used + sizeBytes)
    holdMemory(room)
    this.#used += sizeBytes
    return room
  }
}

/** Memory that holds anything: for bytes that are all written before one is read. */
export function uninitialized(count: number): Uint8Array {
  const { buffer, byteOffset } = Buffer.allocUnsafeSlow(count)
  return new Uint8Array(buffer, byteOffset, count)
}
