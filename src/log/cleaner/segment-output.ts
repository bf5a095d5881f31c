import * as batch from '../../records/batch.ts'
import { lastOffsetAt, maxTimestampAt } from '../batch-header.ts'
import type { FilePool } from '../file-pool.ts'
import type { Segment } from '../segment.ts'
import type { CleaningMeans } from './cleaning-means.ts'

/** Puts batches at the end of a segment that is being written, many with one call off the loop. */
export class SegmentOutput {
  readonly #files: FilePool
  readonly #segment: Segment
  readonly #means: CleaningMeans
  readonly #indexIntervalBytes: number
  readonly #buffer: Uint8Array
  #usedBytes = 0
  /** Where in the file the buffer begins. */
  #position = 0

  constructor(files: FilePool, segment: Segment, means: CleaningMeans, indexIntervalBytes: number) {
    this.#files = files
    this.#segment = segment
    this.#means = means
    this.#indexIntervalBytes = indexIntervalBytes
    this.#buffer = files.buffers.take(means.bufferBytes)
  }

  /** Adds the batch at `at`, whose bytes are copied. Waits when the buffer is full. */
  add(bytes: Uint8Array, at: number): void | Promise<void> {
    const sizeBytes = batch.batchSizeBytes(bytes, at)
    if (this.#usedBytes + sizeBytes > this.#buffer.length) return this.#addToNext(bytes, at)
    this.#buffer.set(bytes.subarray(at, at + sizeBytes), this.#usedBytes)
    this.#usedBytes += sizeBytes
    this.#book(bytes, at, sizeBytes)
  }

  /** Writes what waits. */
  async flush(): Promise<void> {
    if (this.#usedBytes === 0) return
    await this.#write(this.#buffer.subarray(0, this.#usedBytes))
    this.#usedBytes = 0
  }

  /** Gives the buffer back. */
  close(): void {
    this.#files.buffers.give(this.#buffer)
  }

  async #addToNext(bytes: Uint8Array, at: number): Promise<void> {
    await this.flush()
    const sizeBytes = batch.batchSizeBytes(bytes, at)
    if (sizeBytes <= this.#buffer.length) return this.add(bytes, at)
    await this.#write(bytes.subarray(at, at + sizeBytes))
    this.#book(bytes, at, sizeBytes)
  }

  async #write(bytes: Uint8Array): Promise<void> {
    await this.#means.throttle.take(bytes.length)
    await this.#segment.log.with((file) => file.write([bytes], this.#position))
    this.#means.pace.woken()
    this.#position += bytes.length
  }

  #book(bytes: Uint8Array, at: number, sizeBytes: number): void {
    const lastOffset = lastOffsetAt(bytes, at)
    this.#segment.add(sizeBytes, lastOffset, maxTimestampAt(bytes, at), this.#indexIntervalBytes)
  }
}
