/** Serving fetches: what a consumer asks for, the sessions that remember it, reading, and waiting. */
import { ZERO_UUID } from '../../protocol/primitives.ts'
import type { Partition, PartitionWaiter } from '../../replication/partition.ts'

/** Where one partition of a fetch stands. Sessions keep these between requests. */
export interface FetchEntry {
  /** undefined when the request names the topic by an id that is not known here. */
  topic: string | undefined
  /** `ZERO_UUID` in versions that fetch by name. */
  readonly topicId: string
  readonly index: number
  fetchOffset: number
  maxBytes: number
  /** -1 when the consumer does not say. */
  currentLeaderEpoch: number
  /** Epoch of the last record the consumer has, -1 when it does not say (KIP-320, KIP-595). */
  lastFetchedEpoch: number
  /** What the last answer of the session said; -1 before the first and after an error. */
  sentHighWatermark: number
  sentLogStartOffset: number
  /** The partition it waits on. */
  partition: Partition | undefined
}

/** The part of a fetch request that says what to read of one partition. */
export interface FetchPosition {
  readonly topic: string | undefined
  readonly topicId: string
  readonly index: number
  readonly fetchOffset: number
  readonly maxBytes: number
  readonly currentLeaderEpoch: number
  readonly lastFetchedEpoch: number
}

/** A topic that is named by id has one key whether or not the id is known. */
const keyOf = (topic: string | undefined, topicId: string, index: number): string =>
  `${topicId === ZERO_UUID ? (topic ?? '') : topicId}/${index}`

/**
 * The partitions of one fetch or session. Only those in `ready` are looked at by a fetch, so its
 * cost follows what changed and not what is subscribed (KIP-227). An entry is ready when it is new or
 * was moved by the consumer, when its partition reported a change, and while it has more to read.
 * `ready` is also the order of service: an entry that gave records goes to the end, so that a limit on
 * bytes starves none.
 */
export class FetchSet implements PartitionWaiter {
  readonly entries = new Map<string, FetchEntry>()
  readonly ready = new Set<FetchEntry>()
  readonly #entriesOf = new Map<Partition, FetchEntry>()
  #isWatching = false
  /** Called when an entry becomes ready while a fetch is parked. */
  onReady: (() => void) | undefined

  /** Adds or moves one partition. */
  put(position: FetchPosition): void {
    const key = keyOf(position.topic, position.topicId, position.index)
    const known = this.entries.get(key)
    if (known === undefined) {
      const entry: FetchEntry = {
        ...position,
        sentHighWatermark: -1,
        sentLogStartOffset: -1,
        partition: undefined,
      }
      this.entries.set(key, entry)
      this.ready.add(entry)
      return
    }
    known.fetchOffset = position.fetchOffset
    known.maxBytes = position.maxBytes
    known.currentLeaderEpoch = position.currentLeaderEpoch
    known.lastFetchedEpoch = position.lastFetchedEpoch
    this.ready.add(known)
  }

  /** Removes one partition; nothing happens when it is not there. */
  forget(topic: string | undefined, topicId: string, index: number): void {
    const key = keyOf(topic, topicId, index)
    const entry = this.entries.get(key)
    if (entry === undefined) return
    this.entries.delete(key)
    this.ready.delete(entry)
    this.#attach(entry, undefined)
  }

  /** Notes which partition serves an entry now, and waits on that one from here on. */
  bind(entry: FetchEntry, partition: Partition | undefined): void {
    if (entry.partition !== partition) this.#attach(entry, partition)
  }

  /** Starts to hear of changes. What changes before this is not reported. */
  watch(): void {
    if (this.#isWatching) return
    this.#isWatching = true
    for (const partition of this.#entriesOf.keys()) partition.waiters.add(this)
  }

  /** Leaves every partition. */
  unwatch(): void {
    this.#isWatching = false
    for (const partition of this.#entriesOf.keys()) partition.waiters.delete(this)
  }

  notify(partition: Partition): void {
    const entry = this.#entriesOf.get(partition)
    if (entry === undefined) return
    this.ready.add(entry)
    this.onReady?.()
  }

  #attach(entry: FetchEntry, partition: Partition | undefined): void {
    if (entry.partition !== undefined) {
      entry.partition.waiters.delete(this)
      this.#entriesOf.delete(entry.partition)
    }
    entry.partition = partition
    if (partition === undefined) return
    this.#entriesOf.set(partition, entry)
    if (this.#isWatching) partition.waiters.add(this)
  }
}
