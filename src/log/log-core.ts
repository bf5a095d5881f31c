import { assert } from '../kernel/assert.ts'
import { KafkaError } from '../protocol/errors.ts'
import type { LoadedLog } from './log-load.ts'
import type { SegmentReader } from './log-read.ts'
import type { LogTail } from './log-tail.ts'
import type { LogOptions } from './log-types.ts'
import { LogWriter } from './log-writer.ts'
import { partitionName } from './partition-directory.ts'
import type { Segment } from './segment.ts'
import { newSegment } from './segment-factory.ts'
import { SegmentRemoval } from './segment-removal.ts'

/**
 * The state of one log, shared by what is done with it: append (`log-append.ts`), cut
 * (`log-truncate.ts`), retention (`log-retention.ts`), compaction (`cleaner/`) and read (`log.ts`).
 */
export class LogCore {
  /** `topic-partition`. */
  readonly name: string
  readonly options: LogOptions
  readonly segments: LoadedLog['segments']
  readonly leaderEpochs: LoadedLog['leaderEpochs']
  readonly producers: LoadedLog['producers']
  readonly snapshots: LoadedLog['snapshots']
  readonly writer: LogWriter
  readonly tail: LogTail
  readonly removal: SegmentRemoval
  logStartOffset: number
  /** The offset of the next record. Not everything below it need be written yet. */
  logEndOffset: number
  highWatermark: number
  /** Everything below has been compacted; undefined when that was never done. */
  cleanedTo: number | undefined
  /** Counts swaps of segments by compaction. */
  swaps = 0
  /** What compaction has put beside the segments it is about to replace, under the name of a swap: a
   *  start would put it in place. */
  pendingSwap: Segment | undefined
  /** Counts cuts: what was read from a file while it was cut has to be read again. */
  cuts = 0
  isCutting = false
  isClosed = false

  constructor(options: LogOptions, loaded: LoadedLog) {
    const { config, environment, events, tailCache, topic, partition } = options
    this.name = partitionName(topic, partition)
    this.options = options
    this.segments = loaded.segments
    this.leaderEpochs = loaded.leaderEpochs
    this.producers = loaded.producers
    this.snapshots = loaded.snapshots
    this.logStartOffset = loaded.logStartOffset
    this.logEndOffset = loaded.logEndOffset
    this.highWatermark = loaded.logStartOffset
    // What recovery had to cut may be written anew, and would count as compacted.
    const { cleanedTo } = options
    if (cleanedTo !== undefined) this.cleanedTo = Math.min(cleanedTo, loaded.logEndOffset)
    this.tail = tailCache.tail(loaded.logEndOffset)
    this.writer = new LogWriter({
      environment,
      config,
      events,
      name: this.name,
      directory: options.directory,
      endOffset: loaded.logEndOffset,
      recoveryPoint: loaded.recoveryPoint,
      unsynced: loaded.unsynced,
      beforeRecoveryPoint: () => this.leaderEpochs.flush(),
    })
    this.removal = new SegmentRemoval({
      environment,
      delayMs: () => config()['file.delete.delay.ms'],
      failed: (error) => this.writer.reportFailure('remove old segments', error),
    })
  }

  /** Whether the log can be changed by its own upkeep now. */
  get isIdle(): boolean {
    return !this.writer.failure && !this.isCutting && !this.isClosed
  }

  /** @throws KafkaError KAFKA_STORAGE_ERROR once a disk call has failed. */
  checkMayChange(): void {
    const { failure } = this.writer
    if (failure) throw failure
    assert(!this.isClosed, `the log ${this.name} is closed`)
    assert(!this.isCutting, `the log ${this.name} is being truncated`)
  }

  /** Closes the active segment and begins the next at `baseOffset`, which the next batch has. */
  roll(baseOffset: number): void {
    const { segments, writer, producers, snapshots, options } = this
    if (segments.active.sizeBytes === 0 && segments.active.baseOffset === baseOffset) return
    writer.seal(segments.active)
    writer.guard('roll', () => {
      producers.advanceTo(baseOffset)
      snapshots.write(baseOffset, producers, options.environment.clock.now(), false)
      segments.push(newSegment(options, baseOffset))
    })
    writer.directoryChanged()
    writer.flushInBackground()
  }

  /** Ends all work. Touches no file any more. */
  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.writer.close()
    this.removal.stop()
    this.tail.reset(this.logEndOffset)
    for (const segment of this.segments.all) segment.close()
  }

  /** Takes back a swap that has not happened: the log is about to be cut, and what was cut must not
   *  come back with it. Blocks until that is on the disk. */
  withdrawSwap(): void {
    const swap = this.pendingSwap
    this.pendingSwap = undefined
    if (!swap || this.isClosed || this.writer.failure) return
    const { environment, directory } = this.options
    this.writer.guard('withdraw a swap', () => {
      swap.remove()
      environment.disk.syncDirectory(directory)
    })
  }

  /** As `reading`, with what a read from `offset` on needs; once more when the segments were swapped by
   *  compaction meanwhile, so that their files may be gone. */
  async readingFrom<T>(offset: number, run: (reader: SegmentReader) => Promise<T>): Promise<T> {
    const { swaps } = this
    try {
      return await this.reading(() => run(this.readerFrom(offset)))
    } catch (error) {
      if (swaps === this.swaps || this.isClosed || this.writer.failure) throw error
      return this.readingFrom(offset, run)
    }
  }

  /** Runs a read of files. @throws KafkaError KAFKA_STORAGE_ERROR for an error of the system, which
   *  ends the log; CORRUPT_MESSAGE, which is named in the log. */
  async reading<T>(run: () => Promise<T>): Promise<T> {
    try {
      return await run()
    } catch (error) {
      if (error instanceof KafkaError && error.error === 'CORRUPT_MESSAGE') {
        this.options.logger.error({ error }, 'A damaged batch is not served.')
      }
      throw this.writer.storageError('read', error)
    }
  }

  /** What a read of files from `offset` on needs. */
  readerFrom(offset: number): SegmentReader {
    const { segments, writer, options } = this
    return {
      files: options.files,
      indexIntervalBytes: options.config()['index.interval.bytes'],
      segments: segments.all.slice(Math.max(0, segments.floor(offset))),
      writtenBytes: (segment) => writer.writtenBytes(segment),
    }
  }
}
