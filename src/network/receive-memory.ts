import { BufferPool } from '../kernel/buffer-pool.ts'

/** The network layer: connections that carry whole Kafka frames. It knows where a frame ends and who
 *  may send how much; what a frame means is for the layers above. This file is where bytes land. */

/** What one read of a connection may bring at most, unless it goes into a frame of its own. Frames of
 *  16 KB come in at 4 GB/s with it, at 3 GB/s with a quarter of it (`bench/network.ts`). */
const LANDING_BYTES = 262_144
/** Frames from this size on are received into memory that is used again. */
const POOLED_FROM_BYTES = 65_536
/** Unused memory kept for them. */
const MAX_FREE_BYTES = 32 * 1024 * 1024
/** How much memory the small frames of all connections are taken from at a time. */
const CHUNK_BYTES = 262_144

/**
 * The memory into which all connections of one event loop receive. Idle connections hold none of it.
 *
 * Reads end in one shared landing place and are taken out of it before the next one, whoever's it
 * is. Small frames are copied together into chunks; a chunk is never written twice, so a frame in it
 * may be kept, but it keeps the whole chunk of 256 KB from being freed.
 */
export class ReceiveMemory {
  /** Overwritten by the next read of any connection. */
  readonly landing: Uint8Array = uninitialized(LANDING_BYTES)
  readonly #pool = new BufferPool(MAX_FREE_BYTES)
  #chunk: Uint8Array = new Uint8Array(0)
  #used = 0

  /** @returns memory of exactly that size for one frame, alone in its buffer. Whoever has done with a
   *  large one may give it back with `releaseMemory`, once. */
  frame(sizeBytes: number): Uint8Array {
    return sizeBytes < POOLED_FROM_BYTES ? uninitialized(sizeBytes) : this.#pool.take(sizeBytes)
  }

  /** @returns a copy that nobody will overwrite. */
  keep(bytes: Uint8Array): Uint8Array {
    // A full read has its copy for itself: half a chunk would be lost for it.
    if (bytes.length > CHUNK_BYTES / 2) return copyOf(bytes)
    if (this.#used + bytes.length > this.#chunk.length) {
      this.#chunk = uninitialized(CHUNK_BYTES)
      this.#used = 0
    }
    const copy = this.#chunk.subarray(this.#used, this.#used + bytes.length)
    copy.set(bytes)
    this.#used += bytes.length
    return copy
  }
}

function copyOf(bytes: Uint8Array): Uint8Array {
  const copy = uninitialized(bytes.length)
  copy.set(bytes)
  return copy
}

/** Memory that holds anything: for bytes that are all written before one is read. */
export function uninitialized(count: number): Uint8Array {
  const { buffer, byteOffset } = Buffer.allocUnsafeSlow(count)
  return new Uint8Array(buffer, byteOffset, count)
}
