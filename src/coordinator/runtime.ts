import type { Environment } from '../kernel/environment.ts'
import type { Logger } from '../kernel/logger.ts'
import { KafkaError } from '../protocol/errors.ts'
import type { TimestampType } from '../records/batch.ts'
import type { CompressionName } from '../records/compression/compression.ts'
import type { EndMarker } from '../records/end-marker.ts'
import type { Partition } from '../replication/partition.ts'
import type { Instant, Machine } from './machine.ts'
import { partitionOf } from './partition-of.ts'
import { PartitionOwner } from './partition-owner.ts'

/** What a runtime goes by. Asked for at each use, as settings change at any time. */
export interface RuntimeSettings {
  /**
   * How long records are gathered before they are appended as one batch. -1: to the end of the turn of
   * the event loop, in which everything that came in meanwhile takes part, so that batches grow with
   * the load and nobody waits for a clock. 0: those of each event for themselves.
   */
  readonly lingerMs: number
  /** How long a reply may wait for its records to be committed. */
  readonly commitTimeoutMs: number
  readonly loadBufferBytes: number
  /** Bytes of the largest batch, before compression. */
  readonly maxBatchBytes: number
  /** Bytes of the largest buffer that is kept for the next batch. */
  readonly cachedBufferMaxBytes: number
  /** The most a stored batch may become when it is decompressed. */
  readonly maxDecompressedBytes: number
  readonly compression: CompressionName
  readonly timestampType: TimestampType
}

export interface RuntimeOptions<
  Rec,
  Note,
  Event,
  World extends Instant,
  M extends Machine<Rec, Note, Event, World>,
> {
  readonly environment: Environment
  readonly logger: Logger
  /** A partition of the internal topic, undefined when it is not on this broker. */
  readonly partition: (index: number) => Partition | undefined
  /** Partitions that the internal topic has, or will have. */
  readonly partitionCount: () => number
  readonly newMachine: () => M
  /** What decisions rest on besides the machine, as of now. */
  readonly world: () => World
  readonly settings: () => RuntimeSettings
  /** Whether the records of an event may be spread over several batches, because each stands for
   *  itself. Those of all others are written together or not at all. */
  readonly isDivisible: (event: Event) => boolean
}

/**
 * The machines of one internal topic: one for each partition that this broker leads. Tells of no
 * group, share or transaction: those are the machines' business.
 */
export class CoordinatorRuntime<
  Rec,
  Note,
  Event,
  World extends Instant,
  M extends Machine<Rec, Note, Event, World> = Machine<Rec, Note, Event, World>,
> {
  readonly #options: RuntimeOptions<Rec, Note, Event, World, M>
  readonly #owners = new Map<number, PartitionOwner<Rec, Note, Event, World, M>>()
  /** Settled when every load asked for so far is over: one runs at a time, as its reads and its
   *  buffers are large. */
  #loads: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor(options: RuntimeOptions<Rec, Note, Event, World, M>) {
    this.#options = options
  }

  /** Indexes of the partitions whose machines can be asked. */
  partitions(): readonly number[] {
    return [...this.#owners].filter(([, { state }]) => state === 'active').map(([index]) => index)
  }

  /** The partition that a key belongs to. */
  partitionOf(key: string): number {
    return partitionOf(key, this.#options.partitionCount())
  }

  /** Takes up partitions that this broker leads now, and lets go of those it does not lead any more.
   *  To be called when the partitions have taken over what the metadata says. */
  update(): void {
    if (this.#isClosed) return
    for (const [index, owner] of this.#owners) {
      const { partition, leaderEpoch } = owner
      const isSame = this.#options.partition(index) === partition
      if (isSame && partition.isLeader && partition.leaderEpoch === leaderEpoch) continue
      this.#owners.delete(index)
      owner.leave(notCoordinator(partition.name))
    }
    const count = this.#options.partitionCount()
    for (let index = 0; index < count; index++) {
      const partition = this.#options.partition(index)
      if (partition?.isLeader && !this.#owners.has(index)) this.#own(index, partition)
    }
  }

  /** Resolves when every load begun so far is over, however it ended. */
  loaded(): Promise<void> {
    return this.#loads
  }

  /**
   * Lets the machine of a partition decide an event.
   * @returns its answer, once everything the machine had written by then is committed.
   * @throws KafkaError (rejects) whatever the machine refuses with · NOT_COORDINATOR when the partition
   *   is not led here, or was lost meanwhile · COORDINATOR_LOAD_IN_PROGRESS ·
   *   COORDINATOR_NOT_AVAILABLE when it cannot be loaded, too few replicas are in sync, they do not
   *   follow within `commitTimeoutMs`, too many wait already, or the broker stops ·
   *   UNKNOWN_SERVER_ERROR for more records than a batch takes.
   */
  async submit(partition: number, event: Event): Promise<object> {
    return this.#ownerOf(partition).submit(event)
  }

  /**
   * Ends a producer's transaction in a partition of this topic: its records count from now on, or never.
   * @returns resolves when the marker is committed.
   * @throws KafkaError (rejects) INVALID_PRODUCER_EPOCH and TRANSACTION_COORDINATOR_FENCED for a marker
   *   of the past, and as `submit`.
   */
  async endTransaction(partition: number, marker: EndMarker): Promise<void> {
    return this.#ownerOf(partition).endTransaction(marker)
  }

  /** Looks at a machine without changing it. What was found is given when it is committed.
   *  @throws KafkaError (rejects) as `submit`. */
  async query<T>(partition: number, read: (machine: M, world: World) => T): Promise<T> {
    return this.#ownerOf(partition).query(read)
  }

  /**
   * Looks at every machine that is loaded, in order of their partitions.
   * @throws KafkaError (rejects) COORDINATOR_LOAD_IN_PROGRESS as long as one is being loaded. Those that
   *   are not available are left out.
   */
  async queryAll<T>(read: (machine: M, world: World) => T): Promise<readonly T[]> {
    this.#checkOpen()
    const owners = [...this.#owners].sort(([a], [b]) => a - b).map(([, owner]) => owner)
    const there = owners.filter(({ state }) => state !== 'out')
    return Promise.all(there.map((owner) => owner.query(read)))
  }

  /** Tells every machine that is loaded of something that happened. */
  happened(event: Event): void {
    for (const owner of this.#owners.values()) owner.happened(event)
  }

  /** Refuses new events and those whose answer depends on others, answers those whose records are on
   *  their way, and lets go of all machines. Nothing happens the second time. */
  async close(): Promise<void> {
    this.#isClosed = true
    const owners = [...this.#owners.values()]
    await Promise.all(owners.map((owner) => owner.close()))
    this.#owners.clear()
  }

  #own(index: number, partition: Partition): void {
    const owner: PartitionOwner<Rec, Note, Event, World, M> = new PartitionOwner(
      partition,
      this.#options,
      () => this.#load(owner),
    )
    this.#owners.set(index, owner)
    this.#load(owner)
  }

  #load(owner: PartitionOwner<Rec, Note, Event, World, M>): void {
    this.#loads = this.#loads.then(() => owner.load())
  }

  #ownerOf(partition: number): PartitionOwner<Rec, Note, Event, World, M> {
    this.#checkOpen()
    const owner = this.#owners.get(partition)
    if (owner === undefined) throw notCoordinator(`partition ${partition}`)
    return owner
  }

  #checkOpen(): void {
    if (!this.#isClosed) return
    throw new KafkaError('COORDINATOR_NOT_AVAILABLE', 'this broker is shutting down')
  }
}

function notCoordinator(what: string): KafkaError {
  return new KafkaError('NOT_COORDINATOR', `${what} is not coordinated by this broker`)
}
