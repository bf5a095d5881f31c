import type { Environment } from '../kernel/environment.ts'
import { UNDEFINED_EPOCH, UNDEFINED_EPOCH_OFFSET } from '../log/leader-epoch-cache.ts'
import type { AppendOptions, AppendResult, Log, ReadResult } from '../log/log.ts'
import { KafkaError } from '../protocol/errors.ts'
import { type EndMarker, endMarkerBatch } from '../records/end-marker.ts'
import type { Prepared } from '../records/validate.ts'
import { nextHighWatermark } from './high-watermark.ts'
import { PendingAcks } from './pending-acks.ts'

/** Where a produced batch went. */
export interface AppendOutcome {
  /** Offset of its first record; for a duplicate, the one it got the first time. */
  readonly baseOffset: number
  /** The broker's time for all its records, or -1 when they keep the producer's. */
  readonly logAppendTimeMs: number
  readonly logStartOffset: number
}

/** Who wants to know that a partition changed: a parked fetch. */
export interface PartitionWaiter {
  /** More can be read, or the partition can no longer be read here. Must not throw. */
  notify(partition: Partition): void
}

/** What a partition is, as the cluster's metadata says it. */
export interface PartitionState {
  readonly leader: number
  readonly leaderEpoch: number
  readonly replicas: readonly number[]
  readonly isr: readonly number[]
}

export interface PartitionOptions {
  readonly topic: string
  readonly topicId: string
  readonly index: number
  readonly nodeId: number
  readonly environment: Environment
  /** Decides how a batch is checked and converted; re-read for every batch because topics change. */
  readonly prepare: (records: Uint8Array, nowMs: number) => Prepared | Promise<Prepared>
  /** `min.insync.replicas` of the topic now. */
  readonly minIsr: () => number
  /** Told after the high watermark moved, for its checkpoint. */
  readonly onHighWatermark?: () => void
  /** Told after DeleteRecords moved the log start, for its checkpoint. */
  readonly onLogStart?: () => void
}

export type Isolation = 'log-end' | 'read-uncommitted' | 'read-committed'

export interface ReadOptions {
  readonly offset: number
  readonly maxBytes: number
  /** A first batch larger than `maxBytes` is given nevertheless. */
  readonly minOneBatch: boolean
  readonly isolation: Isolation
}

/**
 * One partition on this broker: its log, who leads it and in which epoch, how far its records are
 * safe, and everybody who waits for that. All calls come from one event loop.
 */
export class Partition {
  readonly topic: string
  readonly topicId: string
  readonly index: number
  readonly waiters = new Set<PartitionWaiter>()
  readonly #options: PartitionOptions
  readonly #writtenAcks = new PendingAcks()
  readonly #replicatedAcks = new PendingAcks()
  #state: PartitionState
  #log: Log | undefined
  #writtenEndOffset = 0
  #highWatermark = 0
  /** Settled when every batch that came so far has its offsets or was refused; undefined when all
   *  have. While it is there a batch waits for it, so that order is kept. */
  #placing: Promise<void> | undefined
  #isExpiryArmed = false
  #failure: KafkaError | undefined

  constructor(options: PartitionOptions, state: PartitionState) {
    this.topic = options.topic
    this.topicId = options.topicId
    this.index = options.index
    this.#options = options
    this.#state = state
  }

  get name(): string {
    return `${this.topic}-${this.index}`
  }

  get state(): PartitionState {
    return this.#state
  }

  get isLeader(): boolean {
    return this.#state.leader === this.#options.nodeId
  }

  get leaderEpoch(): number {
    return this.#state.leaderEpoch
  }

  get highWatermark(): number {
    return this.#highWatermark
  }

  /** Why it can neither be read nor written here; undefined when it can. */
  get failure(): KafkaError | undefined {
    return this.#failure
  }

  /** The first offset that a `read_committed` consumer may not see yet. */
  get lastStableOffset(): number {
    const unstable = this.log.firstUnstableOffset
    return unstable === undefined ? this.#highWatermark : Math.min(unstable, this.#highWatermark)
  }

  /** @throws KafkaError KAFKA_STORAGE_ERROR when its directory is offline. */
  get log(): Log {
    if (this.#failure !== undefined) throw this.#failure
    if (this.#log === undefined) {
      throw new KafkaError('NOT_LEADER_OR_FOLLOWER', `${this.name} has no log on this broker`)
    }
    return this.#log
  }

  /** Gives the partition its opened log. Everything in it may be read at once when this broker is
   *  the only in-sync replica. */
  attach(log: Log, checkpointedHighWatermark: number): void {
    this.#log = log
    this.#writtenEndOffset = log.logEndOffset
    this.#highWatermark = Math.max(
      log.logStartOffset,
      Math.min(checkpointedHighWatermark, log.logEndOffset),
    )
    log.highWatermarkMoved(this.#highWatermark)
    this.#advance()
  }

  /** Takes over what the metadata says now. */
  become(state: PartitionState): void {
    const wasLeader = this.isLeader
    this.#state = state
    if (wasLeader && !this.isLeader) this.#refuseWaiting(this.#notLeader())
    this.#advance()
  }

  /**
   * Checks one produced batch, gives it offsets and queues it to be written.
   * @param records the `records` field of a produce request; the partition keeps the buffer.
   * @param acks 0 and 1: settled once written (to the degree `flush.messages` asks) · -1: once every
   *   in-sync replica has it.
   * @param timeoutMs how long an answer with acks -1 may wait.
   * @throws KafkaError (rejects) as the log does, NOT_LEADER_OR_FOLLOWER, NOT_ENOUGH_REPLICAS before
   *   the append and NOT_ENOUGH_REPLICAS_AFTER_APPEND after it, REQUEST_TIMED_OUT.
   */
  append(records: Uint8Array, acks: number, timeoutMs: number): Promise<AppendOutcome> {
    try {
      const placed = this.#placeInOrder(records, acks)
      if (!(placed instanceof Promise)) return this.#acknowledged(placed, acks, timeoutMs)
      return placed.then((result) => this.#acknowledged(result, acks, timeoutMs))
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /**
   * Gives a batch that a coordinator of this broker made its offsets, and queues it to be written. It is
   * committed once the high watermark has passed it, of which `waiters` are told.
   * @param prepared made by the topic's rules; the partition keeps its buffer.
   * @param transactionVersion of whoever made it, when it ends a transaction.
   * @throws KafkaError as `checkMayAppend`, and as the log does.
   */
  appendAsCoordinator(prepared: Prepared, transactionVersion?: number): AppendResult {
    this.checkMayAppend(-1)
    return this.#appendPrepared(prepared, 'coordinator', transactionVersion)
  }

  /**
   * Ends a producer's transaction here, by the word of its coordinator. A repeated end is appended
   * again and disturbs nobody.
   * @param timeoutMs how long the in-sync replicas may take.
   * @returns resolves when the marker is committed: nothing can lose it any more.
   * @throws KafkaError (rejects) INVALID_PRODUCER_EPOCH and TRANSACTION_COORDINATOR_FENCED for a marker
   *   of the past, REQUEST_TIMED_OUT, and as `checkMayAppend`.
   */
  async endTransaction(marker: EndMarker, timeoutMs: number): Promise<void> {
    const batch = endMarkerBatch(marker, this.#options.environment.clock.now())
    const placed = this.appendAsCoordinator(batch, marker.transactionVersion)
    await this.#acknowledged(placed, -1, timeoutMs)
  }

  /**
   * Whether a batch could be appended now.
   * @throws KafkaError NOT_LEADER_OR_FOLLOWER, NOT_ENOUGH_REPLICAS with acks -1, KAFKA_STORAGE_ERROR.
   */
  checkMayAppend(acks: number): void {
    if (this.#failure !== undefined) throw this.#failure
    if (!this.isLeader) throw this.#notLeader()
    const needed = this.#effectiveMinIsr()
    if (acks === -1 && this.#state.isr.length < needed) {
      throw new KafkaError(
        'NOT_ENOUGH_REPLICAS',
        `${this.name}: ISR [${this.#state.isr}] is below min.insync.replicas ${needed}`,
      )
    }
  }

  /** Gives a batch its offsets, behind all that came before it. */
  #placeInOrder(records: Uint8Array, acks: number): AppendResult | Promise<AppendResult> {
    const placed =
      this.#placing === undefined
        ? this.#place(records, acks)
        : this.#placing.then(() => this.#place(records, acks))
    if (!(placed instanceof Promise)) return placed
    const over = (): void => {
      if (this.#placing === gate) this.#placing = undefined
    }
    const gate: Promise<void> = placed.then(over, over)
    this.#placing = gate
    return placed
  }

  #place(records: Uint8Array, acks: number): AppendResult | Promise<AppendResult> {
    this.checkMayAppend(acks)
    const prepared = this.#options.prepare(records, this.#options.environment.clock.now())
    if (!(prepared instanceof Promise)) return this.#appendPrepared(prepared, 'client')
    return prepared.then((ready) => {
      this.checkMayAppend(acks)
      return this.#appendPrepared(ready, 'client')
    })
  }

  #appendPrepared(
    prepared: Prepared,
    origin: AppendOptions['origin'],
    transactionVersion?: number,
  ): AppendResult {
    return this.log.append(prepared, {
      leaderEpoch: this.#state.leaderEpoch,
      nowMs: this.#options.environment.clock.now(),
      origin,
      ...(transactionVersion !== undefined && { transactionVersion }),
    })
  }

  #acknowledged(
    { baseOffset, lastOffset, logAppendTimeMs }: AppendResult,
    acks: number,
    timeoutMs: number,
  ): Promise<AppendOutcome> {
    const { log } = this
    const { clock } = this.#options.environment
    return new Promise((resolve, reject) => {
      const waiting = acks === -1 ? this.#replicatedAcks : this.#writtenAcks
      const safeEndOffset = acks === -1 ? this.#highWatermark : this.#writtenEndOffset
      const settle = (error?: Error): void => {
        if (error === undefined)
          resolve({ baseOffset, logAppendTimeMs, logStartOffset: log.logStartOffset })
        else reject(error)
      }
      const endOffset = lastOffset + 1
      if (endOffset <= safeEndOffset) settle()
      else waiting.add({ endOffset, dueMs: clock.monotonic() + timeoutMs, settle })
    })
  }

  /** The log's report: everything below `endOffset` may be acknowledged by this broker. */
  written(endOffset: number): void {
    this.#writtenEndOffset = endOffset
    this.#writtenAcks.release(endOffset)
    this.#advance()
    if (!this.#replicatedAcks.isEmpty) this.#armExpiry()
  }

  /** The log's report: its disk failed. Nothing can be read or written until it is attached again. */
  failed(cause: Error): void {
    this.#failure = new KafkaError(
      'KAFKA_STORAGE_ERROR',
      `the log directory of ${this.name} is offline: ${cause.message}`,
      { cause },
    )
    this.#refuseWaiting(this.#failure)
  }

  /** The partition leaves this broker: everybody who waits is told. */
  close(error: KafkaError): void {
    this.#failure = error
    this.#refuseWaiting(error)
  }

  /**
   * Reads whole batches for a consumer.
   * @throws KafkaError OFFSET_OUT_OF_RANGE outside [log start, the end its isolation may see].
   */
  read(options: ReadOptions): ReadResult | Promise<ReadResult> {
    return this.log.read({
      offset: options.offset,
      maxBytes: options.maxBytes,
      upToOffset: this.endFor(options.isolation),
      minOneBatch: options.minOneBatch,
    })
  }

  /** The first offset that a reader of this isolation may not see. */
  endFor(isolation: Isolation): number {
    if (isolation === 'read-committed') return this.lastStableOffset
    return isolation === 'log-end' ? this.log.logEndOffset : this.#highWatermark
  }

  /**
   * The largest leader epoch at or below `epoch` and where it ends here (KIP-279); undefined when
   * nothing is known of it. A leader's own epoch begins at the log end as long as it has no record.
   */
  endOfEpoch(epoch: number): { epoch: number; endOffset: number } | undefined {
    const { leaderEpochs, logEndOffset } = this.log
    const latest = leaderEpochs.latest?.epoch ?? UNDEFINED_EPOCH
    if (this.isLeader && epoch > latest && epoch <= this.leaderEpoch) {
      const isOwn = epoch === this.leaderEpoch || latest === UNDEFINED_EPOCH
      return { epoch: isOwn ? epoch : latest, endOffset: logEndOffset }
    }
    const end = leaderEpochs.endOffsetFor(epoch, logEndOffset)
    return end.endOffset === UNDEFINED_EPOCH_OFFSET ? undefined : end
  }

  /** The epoch that wrote the record at `offset`, or will: the leader's own at the log end. undefined
   *  when the log does not say. */
  epochAt(offset: number): number | undefined {
    const { leaderEpochs, logEndOffset } = this.log
    if (this.isLeader && offset >= logEndOffset) return this.leaderEpoch
    return leaderEpochs.epochForOffset(offset)
  }

  /** @throws KafkaError FENCED_LEADER_EPOCH | UNKNOWN_LEADER_EPOCH | NOT_LEADER_OR_FOLLOWER (KIP-320).
   *  @param currentLeaderEpoch the epoch the asker believes in, -1 when it does not say. */
  checkLeader(currentLeaderEpoch: number): void {
    const epoch = this.#state.leaderEpoch
    if (currentLeaderEpoch >= 0 && currentLeaderEpoch < epoch) {
      throw new KafkaError(
        'FENCED_LEADER_EPOCH',
        `${this.name}: the leader epoch is ${epoch}, the request says ${currentLeaderEpoch}`,
      )
    }
    if (currentLeaderEpoch > epoch) {
      throw new KafkaError(
        'UNKNOWN_LEADER_EPOCH',
        `${this.name}: the leader epoch is ${epoch}, the request says ${currentLeaderEpoch}`,
      )
    }
    if (!this.isLeader) throw this.#notLeader()
  }

  /**
   * Removes records before `offset` (DeleteRecords); -1 stands for the high watermark.
   * @returns the new log start offset.
   * @throws KafkaError OFFSET_OUT_OF_RANGE beyond the high watermark, POLICY_VIOLATION is the
   *   caller's to check.
   */
  deleteRecordsBefore(offset: number): number {
    const { log } = this
    const target = offset === -1 ? this.#highWatermark : offset
    if (target < 0 || target > this.#highWatermark) {
      throw new KafkaError(
        'OFFSET_OUT_OF_RANGE',
        `${this.name}: ${target} is not in [0, ${this.#highWatermark}], the high watermark`,
      )
    }
    log.deleteRecordsBefore(target)
    this.#options.onLogStart?.()
    this.#notifyWaiters()
    return log.logStartOffset
  }

  #effectiveMinIsr(): number {
    return Math.min(this.#options.minIsr(), this.#state.replicas.length)
  }

  #advance(): void {
    if (!this.isLeader || this.#log === undefined) return
    const next = nextHighWatermark({
      highWatermark: this.#highWatermark,
      leaderEndOffset: this.#writtenEndOffset,
      followerEndOffsets: [],
      isrSize: this.#state.isr.length,
      effectiveMinIsr: this.#effectiveMinIsr(),
    })
    if (next === this.#highWatermark) return
    this.#highWatermark = next
    this.#log.highWatermarkMoved(next)
    this.#releaseReplicated()
    this.#options.onHighWatermark?.()
    this.#notifyWaiters()
  }

  #releaseReplicated(): void {
    const needed = this.#effectiveMinIsr()
    const isTooFew = this.#state.isr.length < needed
    this.#replicatedAcks.release(
      this.#highWatermark,
      isTooFew
        ? new KafkaError(
            'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
            `${this.name}: ISR [${this.#state.isr}] fell below min.insync.replicas ${needed}`,
          )
        : undefined,
    )
  }

  #armExpiry(): void {
    if (this.#isExpiryArmed || this.#replicatedAcks.isEmpty) return
    this.#isExpiryArmed = true
    const { clock, timers } = this.#options.environment
    timers.at(this.#replicatedAcks.earliestDueMs(), () => {
      this.#isExpiryArmed = false
      this.#replicatedAcks.expire(
        clock.monotonic(),
        () => new KafkaError('REQUEST_TIMED_OUT', `${this.name}: replicas did not follow in time`),
      )
      this.#armExpiry()
    })
  }

  #notifyWaiters(): void {
    for (const waiter of [...this.waiters]) waiter.notify(this)
  }

  #refuseWaiting(error: KafkaError): void {
    this.#writtenAcks.fail(error)
    this.#replicatedAcks.fail(error)
    this.#notifyWaiters()
  }

  #notLeader(): KafkaError {
    return new KafkaError(
      'NOT_LEADER_OR_FOLLOWER',
      `${this.name} is led by broker ${this.#state.leader}, this is ${this.#options.nodeId}`,
    )
  }
}
