import { releaseMemory } from '../kernel/buffer-pool.ts'
import { pushPiece } from '../kernel/bytes.ts'
import type { Environment, Timer } from '../kernel/environment.ts'
import { KafkaError } from '../protocol/errors.ts'
import { isSystemError } from './log-directory-error.ts'
import type { LogConfig, LogEvents } from './log-types.ts'
import type { Segment } from './segment.ts'
import { SharedSync } from './shared-sync.ts'

/** Written without waiting for the end of the turn: while it still lies in the cache of the processor,
 *  writing it costs a third. */
const MAX_PENDING_BYTES = 128 * 1024
/** The most pieces one `writev` takes on Linux and macOS. */
const MAX_PENDING_CHUNKS = 1024
/** Index entries worth a write when the log is synced: they cover 256 KB of log, or more. */
const INDEX_ENTRIES_PER_WRITE = 64

export interface LogWriterOptions {
  readonly environment: Environment
  readonly config: () => LogConfig
  readonly events: LogEvents
  /** `topic-partition`, for errors. */
  readonly name: string
  /** The directory that holds the segments. */
  readonly directory: string
  readonly endOffset: number
  readonly recoveryPoint: number
  /** Segments with batches that an earlier process wrote and nobody has synced. */
  readonly unsynced: readonly Segment[]
  /** Called in a sync, once all batches are synced: makes durable what recovery reads from batches
   *  behind the recovery point only. */
  readonly beforeRecoveryPoint: () => void
}

/**
 * Brings the bytes of one log to disk. What is appended during a turn is written by one call at its
 * end; syncs run in the background, one at a time, and everything that was written before one began
 * is covered by it. Owners hear of an end offset when it is written, or, once `flush.messages` records
 * are not synced, when it is synced: many producers share one sync.
 */
export class LogWriter {
  readonly #options: LogWriterOptions
  #pending: Uint8Array[] = []
  #pendingBytes = 0
  #segment: Segment | undefined
  /** Where in the file of `#segment` the pending bytes begin. */
  #position = 0
  #endOffset: number
  #writtenEndOffset: number
  #announcedEndOffset: number
  #recoveryPoint: number
  /** Counts cuts of the log: what a sync or a write covered before one says nothing after it. */
  #cuts = 0
  #isTurnPlanned = false
  #isCommitting = false
  /** Written to, and not synced since. */
  readonly #dirty: Set<Segment>
  #isDirectoryDirty = true
  readonly #syncs = new SharedSync(() => this.#sync())
  #flushTimer: Timer | undefined
  #lastFlushMs: number
  #failure: KafkaError | undefined
  #isClosed = false

  constructor(options: LogWriterOptions) {
    this.#options = options
    this.#endOffset = options.endOffset
    this.#writtenEndOffset = options.endOffset
    this.#announcedEndOffset = options.endOffset
    this.#recoveryPoint = options.recoveryPoint
    this.#dirty = new Set(options.unsynced)
    this.#lastFlushMs = options.environment.clock.now()
  }

  /** Everything below is in the file. Nothing above may be given to a reader. */
  get writtenEndOffset(): number {
    return this.#writtenEndOffset
  }

  /** Everything below has been synced. */
  get recoveryPoint(): number {
    return this.#recoveryPoint
  }

  /** How much of a segment's file may be read. */
  writtenBytes(segment: Segment): number {
    const isPending = this.#segment === segment && this.#pendingBytes > 0
    return isPending ? this.#position : segment.sizeBytes
  }

  get lastFlushMs(): number {
    return this.#lastFlushMs
  }

  get failure(): KafkaError | undefined {
    return this.#failure
  }

  /** Takes a batch that follows the last one. @param bytes held for the writer, which releases them when
   *  they are written. @param position where it goes in the segment's file. */
  queue(segment: Segment, bytes: Uint8Array, position: number, endOffset: number): void {
    if (this.#segment !== segment) this.write()
    if (this.#pendingBytes === 0) {
      this.#segment = segment
      this.#position = position
    }
    this.#addPending(bytes)
    this.#endOffset = endOffset
    const isMuch = this.#pendingBytes >= MAX_PENDING_BYTES
    if (isMuch || this.#pending.length >= MAX_PENDING_CHUNKS) this.write()
    this.#planTurn()
  }

  /** Writes what is pending now. Owners are told at the end of the turn.
   *  @throws KafkaError KAFKA_STORAGE_ERROR; the log has then failed. */
  write(): void {
    if (this.#failure) throw this.#failure
    if (this.#pendingBytes === 0) return
    const segment = this.#segment!
    this.guard('write', () => segment.log.get().writeSync(this.#pending, this.#position))
    for (const bytes of this.#pending) releaseMemory(bytes)
    this.#pending = []
    this.#pendingBytes = 0
    this.#writtenEndOffset = this.#endOffset
    this.#dirty.add(segment)
    this.#armFlushTimer()
  }

  /** Writes what is pending and closes the segment: it will not be written to any more.
   *  @throws KafkaError KAFKA_STORAGE_ERROR; the log has then failed. */
  seal(segment: Segment): void {
    this.write()
    this.guard('close a segment', () => segment.seal())
    this.changed(segment)
  }

  /** A segment was changed by another way than a write: it must be synced with the next flush. */
  changed(segment: Segment): void {
    this.#dirty.add(segment)
  }

  /** A segment was made or removed: the directory must be synced with the next flush. */
  directoryChanged(): void {
    this.#isDirectoryDirty = true
  }

  /**
   * Makes everything appended so far survive a power cut, and moves the recovery point.
   * @throws KafkaError KAFKA_STORAGE_ERROR (rejects); the log has then failed.
   */
  flush(): Promise<void> {
    return this.#syncs.run()
  }

  /** Flushes without anybody waiting: a failure reaches the owner as `failed`. */
  flushInBackground(): void {
    this.flush().catch(() => {}) // `guard` has reported it
  }

  /** The log now ends at `endOffset`, below or above what it was. */
  resetTo(endOffset: number): void {
    this.#cuts++
    this.#endOffset = endOffset
    this.#writtenEndOffset = endOffset
    this.#announcedEndOffset = endOffset
    this.#recoveryPoint = Math.min(this.#recoveryPoint, endOffset)
  }

  /** Ends all work. A sync that runs ends undisturbed. */
  close(): void {
    this.#isClosed = true
    this.#flushTimer?.cancel()
  }

  /** Runs disk calls. An error of theirs ends the log: it takes no more appends, its owner is told.
   *  @throws KafkaError KAFKA_STORAGE_ERROR in place of the system's error. */
  guard<T>(what: string, run: () => T): T {
    try {
      return run()
    } catch (error) {
      throw this.storageError(what, error)
    }
  }

  /** Notes the failure of a disk call. Other errors, and those of a closed log, pass as they are. */
  storageError(what: string, error: unknown): unknown {
    if (!isSystemError(error) || this.#isClosed) return error
    const { name, environment, events } = this.#options
    if (this.#failure) return this.#failure
    const failure = new KafkaError('KAFKA_STORAGE_ERROR', `${name}: cannot ${what}`, {
      cause: error,
    })
    this.#failure = failure
    this.#flushTimer?.cancel()
    environment.timers.afterTurn(() => events.failed(error))
    return failure
  }

  /** As `storageError`, where there is nobody to throw to. */
  reportFailure(what: string, error: unknown): void {
    const failure = this.storageError(what, error)
    if (failure !== this.#failure && !this.#isClosed) throw failure
  }

  #addPending(bytes: Uint8Array): void {
    this.#pendingBytes += bytes.length
    if (pushPiece(this.#pending, bytes)) releaseMemory(bytes) // the piece before holds the same memory
  }

  #planTurn(): void {
    if (this.#isTurnPlanned) return
    this.#isTurnPlanned = true
    this.#options.environment.timers.afterTurn(() => {
      this.#isTurnPlanned = false
      this.#endTurn()
    })
  }

  #endTurn(): void {
    if (this.#failure || this.#isClosed) return
    try {
      this.write()
    } catch (error) {
      if (this.#failure) return // the owner is told by `failed`
      throw error
    }
    if (this.#isCommitting) return
    const unsynced = this.#writtenEndOffset - this.#recoveryPoint
    if (unsynced < this.#options.config()['flush.messages']) this.#announce(this.#writtenEndOffset)
    else void this.#commit()
  }

  /** Syncs until everything written is announced. */
  async #commit(): Promise<void> {
    this.#isCommitting = true
    try {
      while (this.#announcedEndOffset < this.#writtenEndOffset && !this.#isClosed) {
        const end = this.#writtenEndOffset
        const cuts = this.#cuts
        await this.flush()
        if (cuts === this.#cuts) this.#announce(end)
      }
    } catch (error) {
      if (!this.#failure) throw error
    } finally {
      this.#isCommitting = false
    }
  }

  #announce(endOffset: number): void {
    if (endOffset <= this.#announcedEndOffset || this.#failure || this.#isClosed) return
    this.#announcedEndOffset = endOffset
    this.#options.events.written(endOffset)
  }

  async #sync(): Promise<void> {
    if (this.#isClosed) return
    this.write()
    const { environment, directory, beforeRecoveryPoint } = this.#options
    const end = this.#writtenEndOffset
    const cuts = this.#cuts
    const segments = [...this.#dirty]
    const mustSyncDirectory = this.#isDirectoryDirty
    this.#dirty.clear()
    this.#isDirectoryDirty = false
    try {
      for (const segment of segments) {
        await this.#syncSegment(segment)
        if (this.#isClosed) return
      }
      if (mustSyncDirectory) environment.disk.syncDirectory(directory)
      beforeRecoveryPoint()
    } catch (error) {
      throw this.storageError('sync', error)
    }
    if (cuts === this.#cuts) this.#recoveryPoint = Math.max(this.#recoveryPoint, end)
    this.#lastFlushMs = environment.clock.now()
  }

  async #syncSegment(segment: Segment): Promise<void> {
    if (segment.isDeleted) return
    const { indexes } = segment
    try {
      if (indexes && indexes.unsavedCount >= INDEX_ENTRIES_PER_WRITE) segment.saveIndexes()
      await segment.sync()
    } catch (error) {
      // Retention may take it, and a dead disk the whole log, while one of its files is synced.
      if (!segment.isDeleted && !this.#isClosed) throw error
    }
  }

  /** Sees to it that what was just written is synced within `flush.ms`. */
  #armFlushTimer(): void {
    const flushMs = this.#options.config()['flush.ms']
    if (this.#flushTimer || !Number.isSafeInteger(flushMs)) return
    const { clock, timers } = this.#options.environment
    this.#flushTimer = timers.at(clock.monotonic() + flushMs, () => {
      this.#flushTimer = undefined
      if (!this.#failure && !this.#isClosed) this.flushInBackground()
    })
  }
}
