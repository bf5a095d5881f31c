/** The log: a partition's batches on disk. This file is its centre, the log of one partition; what it
 *  is made of lies beside it (`log-core.ts`, `log-writer.ts`, `segment.ts`, `log-load.ts`, …). */

import { releaseMemory } from '../kernel/buffer-pool.ts'
import { KafkaError } from '../protocol/errors.ts'
import type { Prepared } from '../records/validate.ts'
import { abortedIn } from './cleaner/aborted-transactions.ts'
import { type CleaningResult, cleanLog, planFor } from './cleaner/clean-log.ts'
import type { CleaningMeans } from './cleaner/cleaning-means.ts'
import type { CleaningPlan } from './cleaner/cleaning-plan.ts'
import type { LeaderEpochCache } from './leader-epoch-cache.ts'
import {
  type AppendOptions,
  type AppendResult,
  appendAsFollower,
  appendAsLeader,
} from './log-append.ts'
import { LogCore } from './log-core.ts'
import { loadLog } from './log-load.ts'
import { emptyRead, type ReadResult, readSegments, resultOf } from './log-read.ts'
import { deleteOldSegments, deleteRecordsBefore } from './log-retention.ts'
import { isDue } from './log-roll.ts'
import { truncateFullyAndStartAt, truncateTo } from './log-truncate.ts'
import type { LogOptions } from './log-types.ts'
import { findByTimestamp, findNewest, type OffsetAndTimestamp } from './offset-lookup.ts'
import type { ProducerState } from './producer-state.ts'

export type { AppendOptions, AppendResult } from './log-append.ts'
export type { ReadResult } from './log-read.ts'
export type { OffsetAndTimestamp } from './offset-lookup.ts'

export interface LogRead {
  readonly offset: number
  readonly maxBytes: number
  /** The end of what the reader may see: high watermark, last stable offset or log end. */
  readonly upToOffset: number
  /** Gives the first batch even when it is larger than `maxBytes`. */
  readonly minOneBatch: boolean
}

/** A segment as tools see it. */
export interface SegmentFacts {
  readonly baseOffset: number
  readonly sizeBytes: number
  /** Of its records; the time of the last change of its file when they have none. */
  readonly largestTimestampMs: number
}

/**
 * The log of one partition: appends in order, reads from any offset, and keeps itself within what its
 * topic's settings ask for. One owner, one event loop; the asynchronous calls say what may happen
 * meanwhile. A failed disk call ends it: `events.failed` is called, changes are refused with
 * KAFKA_STORAGE_ERROR, and the next start recovers what was written.
 */
export class Log {
  readonly #core: LogCore

  private constructor(core: LogCore) {
    this.#core = core
  }

  /**
   * Opens the log in a directory, which must exist and may be empty, and recovers it unless it was
   * closed in order.
   * @throws the system's errors as they are.
   */
  static async open(options: LogOptions): Promise<Log> {
    return new Log(new LogCore(options, await loadLog(options)))
  }

  get topic(): string {
    return this.#core.options.topic
  }

  get partition(): number {
    return this.#core.options.partition
  }

  get leaderEpochs(): LeaderEpochCache {
    return this.#core.leaderEpochs
  }

  get producers(): ProducerState {
    return this.#core.producers
  }

  /** Records below it have been deleted. */
  get logStartOffset(): number {
    return this.#core.logStartOffset
  }

  /** The offset of the next record. Not everything below it need be written yet. */
  get logEndOffset(): number {
    return this.#core.logEndOffset
  }

  /** Everything below it has been synced: recovery starts there. */
  get recoveryPoint(): number {
    return this.#core.writer.recoveryPoint
  }

  /** First offset that a `read_committed` reader may not see, undefined without one. */
  get firstUnstableOffset(): number | undefined {
    const offset = this.producers.firstUnstableOffset()
    return offset === undefined ? undefined : Math.max(offset, this.logStartOffset)
  }

  get sizeBytes(): number {
    return this.#core.segments.sizeBytes
  }

  /** When it was last synced, wall clock. */
  get lastFlushMs(): number {
    return this.#core.writer.lastFlushMs
  }

  get segments(): readonly SegmentFacts[] {
    return this.#core.segments.all
  }

  /** Why the log takes no more changes. */
  get failure(): KafkaError | undefined {
    return this.#core.writer.failure
  }

  /** Says how far records are committed: retention stays below, and transactions that ended below no
   *  longer hold back `read_committed` readers. To be called once after `open`, then for each move. */
  highWatermarkMoved(highWatermark: number): void {
    this.#core.highWatermark = highWatermark
    this.producers.onHighWatermark(highWatermark)
  }

  /**
   * Adds one batch at the end of the log and gives it its offsets.
   * @param prepared its base offset and leader epoch are written in place, and its bytes are kept:
   *   the caller gives the buffer away.
   * @returns at once; `events.written` tells when the batch may be acknowledged. A duplicate is not
   *   appended again, but its first copy may not have been announced yet either.
   * @throws KafkaError OUT_OF_ORDER_SEQUENCE_NUMBER | INVALID_PRODUCER_EPOCH | INVALID_TXN_STATE |
   *   TRANSACTION_COORDINATOR_FENCED by the producer's state, RECORD_LIST_TOO_LARGE above
   *   `segment.bytes`: the log is then unchanged. KAFKA_STORAGE_ERROR once a disk call has failed.
   */
  append(prepared: Prepared, options: AppendOptions): AppendResult {
    this.#core.checkMayChange()
    return appendAsLeader(this.#core, prepared, options)
  }

  /**
   * Adds batches as the leader has them, offsets and epochs included. Gaps between offsets are kept.
   * @param bytes whole batches; a part of one at the end is left out. Given away.
   * @throws KafkaError CORRUPT_MESSAGE when a batch is damaged, INVALID_REQUEST when one does not lie
   *   behind the log end; those in front of it have then been appended. KAFKA_STORAGE_ERROR as above.
   */
  appendReplica(bytes: Uint8Array, nowMs: number): void {
    this.#core.checkMayChange()
    appendAsFollower(this.#core, bytes, nowMs)
  }

  /**
   * Whole batches from the one that holds `offset`, or the next behind a gap, on.
   * @returns at once when the tail cache has them, a promise when a file must be read; the result is
   *   empty when the reader may see nothing more.
   * @throws KafkaError OFFSET_OUT_OF_RANGE outside of [log start, log end], CORRUPT_MESSAGE when the
   *   disk has spoiled the first batch, KAFKA_STORAGE_ERROR when it cannot be read; or rejects so.
   */
  read(request: LogRead): ReadResult | Promise<ReadResult> {
    const { offset, maxBytes, minOneBatch } = request
    const { logStartOffset, logEndOffset, tail, writer } = this.#core
    if (offset < logStartOffset || offset > logEndOffset) {
      throw new KafkaError(
        'OFFSET_OUT_OF_RANGE',
        `${this.#core.name}: ${offset} is not in [${logStartOffset}, ${logEndOffset}]`,
      )
    }
    const endOffset = Math.min(request.upToOffset, writer.writtenEndOffset)
    if (offset >= endOffset) return emptyRead(offset)
    const cached = tail.read(offset, endOffset, maxBytes, minOneBatch)
    if (cached) return resultOf(cached.chunks, cached.nextOffset, releaseOnce(cached.chunks))
    return this.#readFiles(request, endOffset)
  }

  /** The first record whose timestamp is not below `timestamp`, undefined when all are older. */
  offsetForTimestamp(timestamp: number): Promise<OffsetAndTimestamp | undefined> {
    const { logStartOffset } = this
    return this.#core.readingFrom(logStartOffset, (reader) => {
      return findByTimestamp(reader, timestamp, logStartOffset)
    })
  }

  /** The first record that bears the largest timestamp (KIP-734). */
  maxTimestamp(): Promise<OffsetAndTimestamp | undefined> {
    return this.#core.readingFrom(this.logStartOffset, findNewest)
  }

  /** The log start, and the epoch that wrote it when that is known. */
  earliest(): OffsetAndTimestamp {
    const offset = this.logStartOffset
    const { earliest } = this.leaderEpochs
    const leaderEpoch = earliest && earliest.startOffset <= offset ? earliest.epoch : undefined
    return { offset, timestamp: -1, leaderEpoch }
  }

  /** The log end and the latest epoch. */
  latest(): OffsetAndTimestamp {
    const leaderEpoch = this.leaderEpochs.latest?.epoch
    return { offset: this.logEndOffset, timestamp: -1, leaderEpoch }
  }

  /** Aborted transactions with records in [startOffset, endOffset), by growing marker offset. */
  abortedTransactions(startOffset: number, endOffset: number) {
    return abortedIn(this.#core.segments, startOffset, endOffset)
  }

  /**
   * Cuts everything at and above `offset`; a batch that reaches it goes as a whole. Until the promise
   * is settled nothing may be appended. The caller checkpoints the recovery point afterwards, before
   * the next append: it may have fallen.
   * @returns whether anything was cut.
   */
  async truncateTo(offset: number): Promise<boolean> {
    this.#core.checkMayChange()
    return truncateTo(this.#core, offset)
  }

  /** Removes everything: the log is empty and goes on at `offset`. The caller checkpoints the recovery
   *  point afterwards. @param logStartOffset when the leader's log starts behind its first batch. */
  truncateFullyAndStartAt(offset: number, logStartOffset = offset): void {
    this.#core.checkMayChange()
    truncateFullyAndStartAt(this.#core, offset, logStartOffset)
  }

  /** Moves the log start, never back: the records below can no longer be read, and their segments go
   *  with the next retention. @throws KafkaError OFFSET_OUT_OF_RANGE beyond the log end. */
  deleteRecordsBefore(offset: number): void {
    this.#core.checkMayChange()
    deleteRecordsBefore(this.#core, offset)
  }

  /** Closes the active segment when the wall clock says that its first record is `segment.ms` old. An
   *  append looks at timestamps only; this is for logs that get none. @returns whether it did. */
  rollIfDue(nowMs: number): boolean {
    const { isIdle, segments, options } = this.#core
    if (!isIdle || !isDue(segments.active, options.config(), nowMs, nowMs)) return false
    this.#core.roll(this.logEndOffset)
    return true
  }

  /**
   * Removes the oldest segments that retention no longer asks for; their files go after
   * `file.delete.delay.ms`. The active segment goes too when all its records are too old.
   * @param highWatermark segments that reach it are kept.
   * @returns how many segments were removed.
   */
  deleteOldSegments(nowMs: number, highWatermark: number): number {
    return deleteOldSegments(this.#core, nowMs, highWatermark)
  }

  /** Applies retention as of now, up to the high watermark. @returns as `deleteOldSegments`. */
  applyRetention(): number {
    const { options, highWatermark } = this.#core
    return this.deleteOldSegments(options.environment.clock.now(), highWatermark)
  }

  /** Everything below has been compacted; undefined when that was never done. */
  get cleanedTo(): number | undefined {
    return this.#core.cleanedTo
  }

  /** What compaction would do now, undefined when the policy asks for none or the log cannot be
   *  changed. Cheap when there is nothing but the active segment. */
  planCleaning(): CleaningPlan | undefined {
    const { isIdle, segments, options } = this.#core
    if (!isIdle || segments.all.length === 1) return undefined
    return options.config()['cleanup.policy'].includes('compact') ? planFor(this.#core) : undefined
  }

  /** Compacts by a plan that was made in this turn: see `cleanLog`. Everything else may go on; there
   *  is one such call at a time. */
  clean(plan: CleaningPlan, means: CleaningMeans): Promise<CleaningResult> {
    return cleanLog(this.#core, plan, means)
  }

  /** Forgets producers that have not been seen for `producer.id.expiration.ms`. @returns how many. */
  expireProducers(): number {
    const { environment, producerExpirationMs } = this.#core.options
    return this.producers.expire(environment.clock.now(), producerExpirationMs())
  }

  /** Makes everything appended so far survive a power cut, and moves the recovery point.
   *  @throws KafkaError KAFKA_STORAGE_ERROR (rejects) when the disk fails. */
  flush(): Promise<void> {
    return this.#core.writer.flush()
  }

  /**
   * Syncs what an earlier process has left unsynced if the topic's flush settings want it synced. To be
   * called once after `open`, before anything in the log is served or acknowledged again.
   * @throws KafkaError KAFKA_STORAGE_ERROR (rejects) when the disk fails.
   */
  async flushIfOwed(): Promise<void> {
    const config = this.#core.options.config()
    const unsynced = this.logEndOffset - this.recoveryPoint
    const isByTime = unsynced > 0 && Number.isSafeInteger(config['flush.ms'])
    if (isByTime || unsynced >= config['flush.messages']) await this.flush()
  }

  /** The directory of the log has been renamed: it is on its way out, and about to be closed. */
  moveTo(directory: string): void {
    const { segments, leaderEpochs, snapshots } = this.#core
    for (const segment of segments.all) segment.moveTo(directory)
    leaderEpochs.moveTo(directory)
    snapshots.moveTo(directory)
  }

  /**
   * Ends all work and gives memory and descriptors back. Nothing happens the second time.
   * @param isClean writes and syncs everything first, so that the next start has nothing to recover
   *   once the log directory is marked as cleanly shut down. Otherwise no file is touched: what was
   *   not written is lost, and the log is closed on return.
   * @throws KafkaError KAFKA_STORAGE_ERROR (rejects) when the disk fails or has failed; the log is
   *   closed all the same.
   */
  async close(isClean: boolean): Promise<void> {
    if (this.#core.isClosed) return
    try {
      if (isClean) await this.#settle()
    } finally {
      this.#core.close()
    }
  }

  /** Brings the files into the state that a clean shutdown promises. */
  async #settle(): Promise<void> {
    const { segments, snapshots, producers, leaderEpochs, writer, options } = this.#core
    writer.seal(segments.active)
    await writer.flush()
    writer.guard('close', () => {
      const nowMs = options.environment.clock.now()
      if (this.logEndOffset > 0) snapshots.write(this.logEndOffset, producers, nowMs, true)
      leaderEpochs.flush()
    })
  }

  async #readFiles(request: LogRead, endOffset: number): Promise<ReadResult> {
    const { cuts, swaps } = this.#core
    const { offset, maxBytes, minOneBatch } = request
    const range = { offset, endOffset, maxBytes, minOneBatch }
    const found = await this.#core.readingFrom(offset, (reader) => readSegments(reader, range))
    if (cuts === this.#core.cuts && swaps === this.#core.swaps) return found
    found.release()
    return this.read(request)
  }
}

/** Ends a reader's hold on the memory of batches from the tail cache. */
function releaseOnce(chunks: readonly Uint8Array[]): () => void {
  let isReleased = false
  return () => {
    if (isReleased) return
    isReleased = true
    for (const chunk of chunks) releaseMemory(chunk)
  }
}
