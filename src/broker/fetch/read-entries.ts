import type { ReadResult } from '../../log/log.ts'
import { type ErrorName, errors, KafkaError } from '../../protocol/errors.ts'
import { ZERO_UUID } from '../../protocol/primitives.ts'
import type { Isolation, Partition } from '../../replication/partition.ts'
import type { Partitions } from '../../replication/partitions.ts'
import type { FetchEntry, FetchSet } from './fetch-set.ts'

export interface FetchLimits {
  /** Bytes of records in the whole answer; the first batch may be larger. */
  readonly maxBytes: number
  readonly isolation: Isolation
  /** The follower that asks, -1 for a consumer. */
  readonly replicaId: number
}

/** Where a consumer's log and this one went apart (KIP-595). */
export interface DivergingEpoch {
  readonly epoch: number
  readonly endOffset: number
}

/** What one partition contributes to an answer. Offsets are -1 beside an error, as in Kafka. */
export interface EntryResult {
  readonly entry: FetchEntry
  readonly errorCode: number
  readonly highWatermark: number
  readonly lastStableOffset: number
  readonly logStartOffset: number
  readonly divergingEpoch: DivergingEpoch | undefined
  readonly abortedTransactions: readonly { producerId: number; firstOffset: number }[] | null
  readonly read: ReadResult | undefined
}

/** What a pass over the ready entries found. Its buffers belong to the caller until `release`. */
export interface FetchResults {
  readonly results: readonly EntryResult[]
  readonly sizeBytes: number
  /** An error or a divergence: the answer must not wait for more bytes. */
  readonly isUrgent: boolean
  release(): void
}

/**
 * Reads the ready entries in their order within the limits. Changes no entry: a parked fetch reads
 * again. A promise only when some data has to come from the disk.
 */
export function readEntries(
  set: FetchSet,
  partitions: Partitions,
  limits: FetchLimits,
): FetchResults | Promise<FetchResults> {
  const pass = new ReadPass(set, partitions, limits)
  return pass.run()
}

/** Errors beside which Kafka has an empty list of aborted transactions instead of none. */
const unknownTopic: ReadonlySet<ErrorName> = new Set([
  'UNKNOWN_TOPIC_ID',
  'UNKNOWN_TOPIC_OR_PARTITION',
])

class ReadPass {
  readonly #set: FetchSet
  readonly #partitions: Partitions
  readonly #limits: FetchLimits
  readonly #queue: readonly FetchEntry[]
  readonly #results: EntryResult[] = []
  #next = 0
  #sizeBytes = 0
  #isUrgent = false

  constructor(set: FetchSet, partitions: Partitions, limits: FetchLimits) {
    this.#set = set
    this.#partitions = partitions
    this.#limits = limits
    this.#queue = [...set.ready]
  }

  run(): FetchResults | Promise<FetchResults> {
    while (this.#next < this.#queue.length) {
      const entry = this.#queue[this.#next]!
      this.#next += 1
      const waiting = this.#readEntry(entry)
      if (waiting !== undefined) return waiting.then(() => this.run())
    }
    const results = this.#results
    return {
      results,
      sizeBytes: this.#sizeBytes,
      isUrgent: this.#isUrgent,
      release: () => {
        for (const result of results) result.read?.release()
      },
    }
  }

  #readEntry(entry: FetchEntry): Promise<void> | undefined {
    try {
      const partition = resolvePartition(entry, this.#partitions)
      this.#set.bind(entry, partition)
      partition.checkLeader(entry.currentLeaderEpoch)
      if (this.#limits.replicaId >= 0)
        throw strangeReplica(entry, partition, this.#limits.replicaId)
      const diverging = divergence(entry, partition)
      if (diverging !== undefined) {
        this.#add(entry, partition, undefined, diverging)
        return undefined
      }
      const budget = Math.max(0, this.#limits.maxBytes - this.#sizeBytes)
      const read = partition.read({
        offset: entry.fetchOffset,
        maxBytes: Math.min(entry.maxBytes, budget),
        minOneBatch: this.#sizeBytes === 0,
        isolation: this.#limits.isolation,
      })
      if (!(read instanceof Promise)) {
        this.#add(entry, partition, read)
        return undefined
      }
      return read.then(
        (ready) => this.#add(entry, partition, ready),
        (error) => this.#refuse(entry, error),
      )
    } catch (error) {
      this.#refuse(entry, error)
      return undefined
    }
  }

  #add(
    entry: FetchEntry,
    partition: Partition,
    read: ReadResult | undefined,
    divergingEpoch?: DivergingEpoch,
  ): void {
    const { isolation } = this.#limits
    const sizeBytes = read?.sizeBytes ?? 0
    this.#sizeBytes += sizeBytes
    if (divergingEpoch !== undefined) this.#isUrgent = true
    this.#results.push({
      entry,
      errorCode: 0,
      highWatermark: partition.highWatermark,
      lastStableOffset: partition.lastStableOffset,
      logStartOffset: partition.log.logStartOffset,
      divergingEpoch,
      abortedTransactions:
        isolation === 'read-committed'
          ? read === undefined || sizeBytes === 0
            ? []
            : partition.log.abortedTransactions(entry.fetchOffset, read.nextOffset)
          : null,
      read,
    })
  }

  #refuse(entry: FetchEntry, error: unknown): void {
    if (!(error instanceof KafkaError)) throw error
    this.#isUrgent = true
    const isUnknown = unknownTopic.has(error.error)
    this.#results.push({
      entry,
      errorCode: errors[error.error].code,
      highWatermark: -1,
      lastStableOffset: -1,
      logStartOffset: -1,
      divergingEpoch: undefined,
      abortedTransactions: isUnknown ? [] : null,
      read: undefined,
    })
  }
}

/**
 * Notes in the set what an answer with these results tells the consumer: entries that have nothing
 * more to say leave `ready`, those that gave records go to its end.
 * @returns the results that an incremental answer has to carry (KIP-227): records, an error, a
 *   divergence, or another high watermark or log start than the last answer said.
 */
export function settleEntries(
  set: FetchSet,
  { results }: FetchResults,
  isolation: Isolation,
): readonly EntryResult[] {
  const changed: EntryResult[] = []
  for (const result of results) {
    const { entry } = result
    if (result.errorCode !== 0) {
      entry.sentHighWatermark = -1
      changed.push(result)
      continue
    }
    const sizeBytes = result.read?.sizeBytes ?? 0
    const isChanged =
      sizeBytes > 0 ||
      result.divergingEpoch !== undefined ||
      entry.sentHighWatermark !== result.highWatermark ||
      entry.sentLogStartOffset !== result.logStartOffset
    if (isChanged) changed.push(result)
    entry.sentHighWatermark = result.highWatermark
    entry.sentLogStartOffset = result.logStartOffset
    const endOffset =
      isolation === 'read-committed' ? result.lastStableOffset : result.highWatermark
    const hasMore = entry.fetchOffset < endOffset || result.divergingEpoch !== undefined
    // One that the limit left no room for keeps its place, or it would never come first.
    if (!hasMore || sizeBytes > 0) set.ready.delete(entry)
    if (hasMore) set.ready.add(entry)
  }
  return changed
}

/**
 * @throws KafkaError UNKNOWN_TOPIC_ID | UNKNOWN_TOPIC_OR_PARTITION | NOT_LEADER_OR_FOLLOWER,
 *   INCONSISTENT_TOPIC_ID when a session goes on with a topic that was made anew.
 */
function resolvePartition(entry: FetchEntry, partitions: Partitions): Partition {
  const { topic, topicId, index } = entry
  if (topicId === ZERO_UUID && topic !== undefined) return partitions.byName(topic, index)
  const name = partitions.nameOf(topicId)
  if (name === undefined && topic !== undefined) {
    partitions.byName(topic, index)
    const detail = `${topic} was made anew: its id is not ${topicId} any more`
    throw new KafkaError('INCONSISTENT_TOPIC_ID', detail)
  }
  entry.topic = name
  return partitions.byId(topicId, index)
}

/** A partition has one replica, so every follower is a stranger. One that names the leader's epoch may
 *  only be ahead of what this broker knows, and asks again (KIP-903). */
function strangeReplica(entry: FetchEntry, partition: Partition, replicaId: number): KafkaError {
  return new KafkaError(
    entry.currentLeaderEpoch < 0 ? 'NOT_LEADER_OR_FOLLOWER' : 'UNKNOWN_LEADER_EPOCH',
    `broker ${replicaId} is no replica of ${partition.name}`,
  )
}

/** Whether the consumer has records that this log never had (KIP-320): from where it has to cut. */
function divergence(entry: FetchEntry, partition: Partition): DivergingEpoch | undefined {
  if (entry.lastFetchedEpoch < 0) return undefined
  const end = partition.endOfEpoch(entry.lastFetchedEpoch)
  const { logStartOffset } = partition.log
  if (end === undefined) {
    throw new KafkaError(
      'OFFSET_OUT_OF_RANGE',
      `${partition.name}: nothing is known of leader epoch ${entry.lastFetchedEpoch}`,
    )
  }
  if (entry.fetchOffset < logStartOffset) {
    throw new KafkaError(
      'OFFSET_OUT_OF_RANGE',
      `${partition.name}: ${entry.fetchOffset} is below the log start ${logStartOffset}`,
    )
  }
  const isSame = end.epoch >= entry.lastFetchedEpoch && end.endOffset >= entry.fetchOffset
  return isSame ? undefined : end
}
