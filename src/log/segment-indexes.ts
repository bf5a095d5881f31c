import type { Disk } from '../kernel/environment.ts'
import { OFFSET_ENTRY_BYTES, OffsetIndex } from './offset-index.ts'
import type { Evictable } from './second-chance.ts'
import { TIME_ENTRY_BYTES, TimeIndex, type TimestampOffset } from './time-index.ts'

/** Where the two index files of a segment are. */
export interface IndexPaths {
  readonly offsets: string
  readonly times: string
}

/** What the indexes have to know of a batch. */
export interface BatchPlace {
  readonly position: number
  readonly sizeBytes: number
  readonly lastOffset: number
  /** -1 when its records bear none. */
  readonly maxTimestamp: number
}

/**
 * Both sparse indexes of one segment, in memory. The files follow behind: new entries are written
 * when the log is flushed, when the segment is closed and at shutdown; whatever a crash leaves of
 * them is checked against the log when it is read again.
 */
export class SegmentIndexes implements Evictable {
  isRecent = false
  readonly isPinned = false
  readonly offsets: OffsetIndex
  readonly times: TimeIndex
  /** Called when they have to leave memory: those of closed segments only. */
  onEvict: () => void = () => {}
  #newest: TimestampOffset
  #bytesSinceEntry = 0
  /** Entries the files hold already. */
  #savedOffsets: number
  #savedTimes: number

  constructor(offsets: OffsetIndex, times: TimeIndex) {
    this.offsets = offsets
    this.times = times
    this.#newest = times.last
    this.#savedOffsets = offsets.count
    this.#savedTimes = times.count
  }

  /** Indexes of a segment without records. */
  static empty(baseOffset: number): SegmentIndexes {
    return new SegmentIndexes(new OffsetIndex(baseOffset), new TimeIndex(baseOffset))
  }

  /** The largest timestamp of all batches booked, and the last offset of the batch that brought it. */
  get newest(): TimestampOffset {
    return this.#newest
  }

  /** Memory of all entries. */
  get sizeBytes(): number {
    return this.offsets.sizeBytes + this.times.sizeBytes
  }

  /** Entries that are not in the files. */
  get unsavedCount(): number {
    return this.offsets.count - this.#savedOffsets + this.times.count - this.#savedTimes
  }

  /** Whether no entry more fits into index files of `segment.index.bytes`. The last slot of the time
   *  index is kept for the entry that closes the segment. */
  isFull(maxIndexBytes: number): boolean {
    return (
      this.offsets.count >= Math.floor(maxIndexBytes / OFFSET_ENTRY_BYTES) ||
      this.times.count >= Math.floor(maxIndexBytes / TIME_ENTRY_BYTES) - 1
    )
  }

  /** Takes note of the next batch of the segment; of one in every `intervalBytes` in the indexes. */
  book(batch: BatchPlace, intervalBytes: number): void {
    const { lastOffset, maxTimestamp } = batch
    if (maxTimestamp > this.#newest.timestamp) {
      this.#newest = { timestamp: maxTimestamp, offset: lastOffset }
    }
    if (this.#bytesSinceEntry > intervalBytes && this.offsets.canAppend(lastOffset)) {
      this.offsets.append(lastOffset, batch.position)
      this.times.maybeAppend(this.#newest.timestamp, this.#newest.offset)
      this.#bytesSinceEntry = 0
    }
    this.#bytesSinceEntry += batch.sizeBytes
  }

  /** The segment is complete: its newest record becomes the last entry. */
  complete(): void {
    this.times.maybeAppend(this.#newest.timestamp, this.#newest.offset)
  }

  /** Drops what points at or above `offset`. @param newest of the records that stay, when batches
   *  behind the last entry are among them and will not be booked again. */
  truncateTo(offset: number, newest?: TimestampOffset): void {
    this.offsets.truncateTo(offset)
    this.times.truncateTo(offset)
    this.#newest = newest ?? this.times.last
    this.#bytesSinceEntry = 0
    this.#savedOffsets = Math.min(this.#savedOffsets, this.offsets.count)
    this.#savedTimes = Math.min(this.#savedTimes, this.times.count)
  }

  /** Brings the files to exactly what is in memory; makes them when they are absent. */
  save(disk: Disk, paths: IndexPaths): void {
    const { offsets, times } = this
    saveEntries(disk, paths.offsets, OFFSET_ENTRY_BYTES, this.#savedOffsets, offsets)
    saveEntries(disk, paths.times, TIME_ENTRY_BYTES, this.#savedTimes, times)
    this.#savedOffsets = offsets.count
    this.#savedTimes = times.count
  }

  evict(): void {
    this.onEvict()
  }
}

function saveEntries(
  disk: Disk,
  path: string,
  entryBytes: number,
  savedCount: number,
  index: { readonly count: number; encode(from: number): Uint8Array },
): void {
  const file = disk.open(path, 'create')
  try {
    const { count } = index
    if (count > savedCount) file.writeSync([index.encode(savedCount)], savedCount * entryBytes)
    if (file.sizeBytes() !== count * entryBytes) file.truncate(count * entryBytes)
  } finally {
    file.close()
  }
}
