import { assert } from '../kernel/assert.ts'
import type { Disk } from '../kernel/environment.ts'
import { maxTimestampAt } from './batch-header.ts'
import type { FilePool, PooledFile } from './file-pool.ts'
import { headerAt, type IndexedLog, readIndexes, rebuildIndexes } from './index-load.ts'
import type { SegmentCut } from './log-cut.ts'
import * as names from './log-files.ts'
import { MAX_RELATIVE_OFFSET } from './offset-index.ts'
import { type IndexPaths, SegmentIndexes } from './segment-indexes.ts'
import { NO_TIMESTAMP, TIME_ENTRY_BYTES, TimeIndex, type TimestampOffset } from './time-index.ts'
import { TransactionIndex } from './transaction-index.ts'

export interface SegmentOptions {
  /** Bytes of batches in the log file. */
  readonly sizeBytes: number
  /** When it was begun, wall clock: its age while its records bear no timestamps. */
  readonly createdMs: number
  /** Random part of `segment.ms` that this segment is spared (`segment.jitter.ms`). */
  readonly rollJitterMs: number
  /** What its files are called now; those that count when absent. */
  readonly state?: names.FileState
}

/**
 * One segment: a log file that begins with some offset, and its indexes. It keeps the books — sizes,
 * newest timestamp, index entries; who writes the bytes, and when, is the log's business.
 */
export class Segment {
  readonly baseOffset: number
  readonly log: PooledFile
  readonly transactions: TransactionIndex
  readonly rollJitterMs: number
  readonly #files: FilePool
  #directory: string
  #state: names.FileState
  #sizeBytes: number
  #createdMs: number
  #isSealed = false
  /** undefined: a closed segment whose indexes are not in memory. */
  #indexes: SegmentIndexes | undefined
  #loading: Promise<SegmentIndexes> | undefined
  /** Known without the indexes. */
  #newest: TimestampOffset | undefined
  #firstTimestamp: number | undefined

  private constructor(
    files: FilePool,
    directory: string,
    baseOffset: number,
    options: SegmentOptions,
  ) {
    this.#files = files
    this.#directory = directory
    this.#state = options.state ?? ''
    this.baseOffset = baseOffset
    this.#sizeBytes = options.sizeBytes
    this.#createdMs = options.createdMs
    this.rollJitterMs = options.rollJitterMs
    this.log = files.file(this.path(names.LOG_SUFFIX), 'write')
    const path = this.path(names.TRANSACTION_INDEX_SUFFIX)
    this.transactions = new TransactionIndex(files.disk, path, baseOffset)
  }

  /** A segment whose files are there. Nothing is read. */
  static existing(
    files: FilePool,
    directory: string,
    baseOffset: number,
    options: SegmentOptions,
  ): Segment {
    return new Segment(files, directory, baseOffset, options)
  }

  /** Makes the files of a new, active segment. What a crash has left under their names is removed.
   *  @param preallocateBytes size the log file takes at once, 0 for none. */
  static create(
    files: FilePool,
    directory: string,
    baseOffset: number,
    options: Omit<SegmentOptions, 'sizeBytes'> & { readonly preallocateBytes: number },
  ): Segment {
    const segment = new Segment(files, directory, baseOffset, { ...options, sizeBytes: 0 })
    for (const suffix of names.SEGMENT_SUFFIXES) files.disk.remove(segment.path(suffix))
    const file = files.disk.open(segment.path(names.LOG_SUFFIX), 'create')
    if (options.preallocateBytes > 0) file.truncate(options.preallocateBytes)
    file.close()
    segment.#indexes = SegmentIndexes.empty(baseOffset)
    segment.saveIndexes()
    return segment
  }

  /** Bytes of all batches that were added, written or not. */
  get sizeBytes(): number {
    return this.#sizeBytes
  }

  get createdMs(): number {
    return this.#createdMs
  }

  /** Its files have been renamed away and do not count any more. */
  get isDeleted(): boolean {
    return this.#state === names.DELETED_SUFFIX
  }

  path(suffix: string): string {
    return `${this.#directory}/${names.logFileName(this.baseOffset, suffix)}${this.#state}`
  }

  /** The indexes, when they are in memory: always while the segment is the active one. */
  get indexes(): SegmentIndexes | undefined {
    if (this.#indexes) this.#indexes.isRecent = true
    return this.#indexes
  }

  /** The indexes, read from their files if need be, and made again when those are damaged.
   *  @param intervalBytes between two entries that are made again. */
  loadIndexes(intervalBytes: number): Promise<SegmentIndexes> {
    if (this.indexes) return Promise.resolve(this.indexes)
    this.#loading ??= this.#load(intervalBytes).finally(() => {
      this.#loading = undefined
    })
    return this.#loading
  }

  /** Throws the indexes away and makes them from the log: they were seen not to fit it. */
  async rebuildIndexes(intervalBytes: number): Promise<SegmentIndexes> {
    const indexes = await rebuildIndexes(this.indexedLog(), intervalBytes)
    this.#dropIndexes()
    this.#indexes = indexes
    this.#newest = undefined
    if (!this.isDeleted) this.saveIndexes()
    return indexes
  }

  /** Opens the segment for batches that follow `sizeBytes`: at recovery, and when it becomes the
   *  active one again. The indexes must not reach further. */
  reopen(indexes: SegmentIndexes, sizeBytes: number): void {
    this.#dropIndexes()
    this.#indexes = indexes
    this.#newest = undefined
    this.#isSealed = false
    this.#sizeBytes = sizeBytes
    if (sizeBytes === 0) this.#firstTimestamp = undefined
  }

  /** Of all records the largest timestamp, and the last offset of the batch that brought it. Reads
   *  the end of the time index when that is not in memory. */
  get newest(): TimestampOffset {
    if (this.#indexes) return this.#indexes.newest
    this.#newest ??= this.#readLastTimeEntry()
    return this.#newest
  }

  /** Largest timestamp of its records; the time of the last change of the file when they have none.
   *  What retention goes by. */
  get largestTimestampMs(): number {
    const { timestamp } = this.newest
    if (timestamp >= 0) return timestamp
    return this.#files.disk.stat(this.log.path)?.modifiedMs ?? this.#createdMs
  }

  /** Timestamp of the first batch, which decides about rolling by time; undefined while there is
   *  none, or when it has no timestamp. */
  get firstTimestamp(): number | undefined {
    if (this.#firstTimestamp === undefined && this.#sizeBytes > 0) {
      const header = headerAt(this.log.get(), 0)
      this.#firstTimestamp = header ? maxTimestampAt(header, 0) : NO_TIMESTAMP
    }
    const timestamp = this.#firstTimestamp
    return timestamp === undefined || timestamp < 0 ? undefined : timestamp
  }

  /** Whether `offset` can be said relative to the base offset, in 31 bits. */
  canHold(offset: number): boolean {
    return offset - this.baseOffset <= MAX_RELATIVE_OFFSET
  }

  /** Books a batch at the end. @returns the position it has in the file. */
  add(
    sizeBytes: number,
    lastOffset: number,
    maxTimestamp: number,
    indexIntervalBytes: number,
  ): number {
    const indexes = this.#indexes
    assert(indexes !== undefined, `segment ${this.baseOffset} is closed`)
    const position = this.#sizeBytes
    if (position === 0) this.#firstTimestamp = maxTimestamp
    indexes.book({ position, sizeBytes, lastOffset, maxTimestamp }, indexIntervalBytes)
    this.#sizeBytes += sizeBytes
    return position
  }

  /**
   * Makes the segment the active one again, without what is at and behind `offset`.
   * @param cut found by `findCut`.
   */
  truncate(offset: number, cut: SegmentCut, nowMs: number): void {
    const { indexes, position: sizeBytes } = cut
    assert(sizeBytes <= this.#sizeBytes, `cannot cut ${this.#sizeBytes} bytes to ${sizeBytes}`)
    this.log.get().truncate(sizeBytes)
    indexes.truncateTo(offset, cut.newest)
    this.reopen(indexes, sizeBytes)
    this.transactions.truncateTo(offset)
    if (sizeBytes === 0) this.#createdMs = nowMs
  }

  /** Writes index entries that are only in memory. */
  saveIndexes(): void {
    this.#indexes?.save(this.#files.disk, this.#indexPaths())
  }

  /** The segment will not grow any more: its newest record goes into the time index, files take their
   *  true size, and the indexes stay in memory only as long as they are used. */
  seal(): void {
    this.#indexes?.complete()
    this.saveIndexes()
    const file = this.log.get()
    if (file.sizeBytes() !== this.#sizeBytes) file.truncate(this.#sizeBytes)
    this.#isSealed = true
    this.#lendIndexes()
  }

  /** Makes what was written survive a power cut. The indexes of a segment that still grows are left
   *  out: recovery completes them. */
  async sync(): Promise<void> {
    const suffixes = this.#isSealed ? names.SEGMENT_SUFFIXES : [names.TRANSACTION_INDEX_SUFFIX]
    for (const suffix of suffixes) {
      if (suffix !== names.LOG_SUFFIX) await syncFile(this.#files.disk, this.path(suffix))
    }
    await this.log.with((file) => file.sync())
  }

  /** Renames the files so that they no longer count; reads in flight end undisturbed. */
  markDeleted(): void {
    if (this.isDeleted) return
    this.#dropIndexes()
    this.enter(names.DELETED_SUFFIX)
  }

  /** Gives all files the names of another state, the log file first; reads in flight go on. */
  enter(state: names.FileState): void {
    const { disk } = this.#files
    const before = names.SEGMENT_SUFFIXES.map((suffix) => this.path(suffix))
    this.#state = state
    for (const [index, suffix] of names.SEGMENT_SUFFIXES.entries()) {
      const from = before[index]!
      if (suffix === names.LOG_SUFFIX) this.log.rename(this.path(suffix))
      else if (disk.stat(from)) disk.rename(from, this.path(suffix))
    }
    this.transactions.movedTo(this.path(names.TRANSACTION_INDEX_SUFFIX))
  }

  /** Removes the files. */
  remove(): void {
    this.close()
    for (const suffix of names.SEGMENT_SUFFIXES) this.#files.disk.remove(this.path(suffix))
  }

  /** The directory has been renamed. */
  moveTo(directory: string): void {
    this.#directory = directory
    this.log.moved(this.path(names.LOG_SUFFIX))
    this.transactions.movedTo(this.path(names.TRANSACTION_INDEX_SUFFIX))
  }

  /** Gives descriptor and memory back. Writes nothing. */
  close(): void {
    this.log.close()
    this.#dropIndexes()
  }

  /** The segment for code that reads or makes indexes of its first `sizeBytes`. */
  indexedLog(sizeBytes = this.#sizeBytes): IndexedLog {
    return {
      files: this.#files,
      log: this.log,
      paths: this.#indexPaths(),
      baseOffset: this.baseOffset,
      sizeBytes,
    }
  }

  async #load(intervalBytes: number): Promise<SegmentIndexes> {
    const stored = await readIndexes(this.indexedLog())
    if (stored.damage !== undefined) await this.rebuildIndexes(intervalBytes)
    else this.#indexes = stored.indexes
    const indexes = this.#indexes!
    this.#lendIndexes()
    return indexes
  }

  /** Lets the pool decide how long the indexes stay in memory. */
  #lendIndexes(): void {
    const indexes = this.#indexes
    if (!indexes) return
    this.#newest = indexes.newest
    indexes.onEvict = () => {
      this.#indexes = undefined
      this.transactions.unload()
    }
    this.#files.indexes.admit(indexes, indexes.sizeBytes)
  }

  #dropIndexes(): void {
    if (this.#indexes) this.#files.indexes.remove(this.#indexes)
    this.#indexes = undefined
  }

  #indexPaths(): IndexPaths {
    return {
      offsets: this.path(names.OFFSET_INDEX_SUFFIX),
      times: this.path(names.TIME_INDEX_SUFFIX),
    }
  }

  /** Without loading the whole index. Two entries are looked at, as a damaged end shows in that they
   *  do not follow one another; it counts as no entry. */
  #readLastTimeEntry(): TimestampOffset {
    const { disk } = this.#files
    const { times } = this.#indexPaths()
    const none = { timestamp: NO_TIMESTAMP, offset: this.baseOffset }
    if (disk.stat(times) === undefined) return none
    const file = disk.open(times, 'read')
    try {
      const entries = Math.min(2, Math.floor(file.sizeBytes() / TIME_ENTRY_BYTES))
      const bytes = new Uint8Array(entries * TIME_ENTRY_BYTES)
      file.readSync(bytes, file.sizeBytes() - bytes.length)
      const index = TimeIndex.parse(bytes, this.baseOffset)
      return index.count === entries ? index.last : none
    } finally {
      file.close()
    }
  }
}

async function syncFile(disk: Disk, path: string): Promise<void> {
  if (disk.stat(path) === undefined) return
  const file = disk.open(path, 'write')
  try {
    await file.sync()
  } finally {
    file.close()
  }
}
