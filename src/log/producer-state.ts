import { KafkaError } from '../protocol/errors.ts'
import { NO_EPOCH, Producer, type ProducerEntry } from './producer-entry.ts'
import { isNextSequence, NO_SEQUENCE, sequenceAfter } from './producer-sequence.ts'

export type { ProducerBatch, ProducerEntry } from './producer-entry.ts'

/**
 * Who hands the batch in. `client`: everything is checked. `coordinator`: epochs and transactions
 * (the broker's own writes carry no sequences). `replication` and `recovery`: nothing, as the batch
 * has been accepted before and the log is the truth.
 */
export type AppendOrigin = 'client' | 'coordinator' | 'replication' | 'recovery'

/** A producer not seen for so long sends nothing again: clients give up on a batch after
 *  `delivery.timeout.ms`, two minutes as a rule. */
const RETRY_WINDOW_MS = 3_600_000

/** The fields of one batch header that concern its producer. */
export interface ProducerFacts {
  /** 0 or more: batches without a producer id have no business here. */
  readonly producerId: number
  readonly producerEpoch: number
  /** -1 in control batches and in batches of the broker's own coordinators. */
  readonly baseSequence: number
  /** Sequences in the batch less one; compaction may leave fewer records than that. */
  readonly lastOffsetDelta: number
  readonly isTransactional: boolean
  readonly isControl: boolean
  /** What the control record says. undefined in data batches, and in control batches that
   *  compaction has emptied: those change nothing. */
  readonly marker: EndTransactionMarker | undefined
}

/** The control record that ends a transaction on one partition. */
export interface EndTransactionMarker {
  readonly committed: boolean
  readonly coordinatorEpoch: number
  /** Feature `transaction.version` of the coordinator that wrote it. From 2 on every transaction
   *  ends with a raised producer epoch (KIP-890). Unknown when read back from a log. */
  readonly transactionVersion?: number
}

/** Where a batch came to lie. */
export interface BatchSpan {
  readonly baseOffset: number
  readonly lastOffset: number
  /** Largest timestamp of its records, ms since 1970. */
  readonly maxTimestamp: number
}

/** A transaction whose marker has been appended. Empty ones are not reported. */
export interface CompletedTransaction {
  readonly producerId: number
  readonly firstOffset: number
  /** Offset of the marker. */
  readonly lastOffset: number
  readonly committed: boolean
  /** First offset of the oldest transaction still open after it, else the offset behind the marker:
   *  what the transaction index stores. */
  readonly lastStableOffset: number
}

/**
 * All a partition knows of its idempotent and transactional producers (KIP-98, 360, 890). `check`
 * decides and changes nothing; `update` applies a batch once its offset is fixed, at append, at
 * replication and at recovery alike. Both take constant time. 230 bytes per producer with one batch,
 * 360 with five.
 *
 * | batch of a client | answer |
 * |---|---|
 * | same epoch, sequences of one of the last five batches | success, the original offset |
 * | same epoch, next sequence (wrapping to 0) | appended |
 * | same epoch, any other sequence, older ones too | OUT_OF_ORDER_SEQUENCE_NUMBER |
 * | newer epoch, sequence 0 | appended, the remembered batches are dropped |
 * | newer epoch, other sequence | OUT_OF_ORDER_SEQUENCE_NUMBER |
 * | older epoch | INVALID_PRODUCER_EPOCH |
 * | unknown producer, any sequence | appended: its state may have expired with its records |
 * | not transactional while its transaction is open | INVALID_TXN_STATE |
 *
 * As in Kafka, DUPLICATE_SEQUENCE_NUMBER is never the answer: a duplicate too old to be remembered is
 * out of order. Clients keep at most five requests in flight, so none of them retries that late.
 */
export class ProducerState {
  readonly #producers = new Map<number, Producer>()
  /** Open transactions by first offset. Offsets only grow, so the oldest is the first. */
  readonly #open = new Map<number, { readonly producerId: number }>()
  /** Ended ones whose marker may be above the high watermark, by growing `lastOffset`. */
  #unreplicated: { readonly firstOffset: number; readonly lastOffset: number }[] = []
  #endOffset: number

  /** Empty state of a log of which nothing before `endOffset` has been seen. */
  constructor(endOffset = 0) {
    this.#endOffset = endOffset
  }

  /** Everything below this offset is reflected. */
  get endOffset(): number {
    return this.#endOffset
  }

  get size(): number {
    return this.#producers.size
  }

  /**
   * Decides whether a batch may be appended.
   * @returns the original place of the batch when it is a duplicate, else undefined.
   * @throws KafkaError OUT_OF_ORDER_SEQUENCE_NUMBER | INVALID_PRODUCER_EPOCH | INVALID_TXN_STATE |
   *   TRANSACTION_COORDINATOR_FENCED, by the table above.
   */
  check(facts: ProducerFacts, origin: AppendOrigin): BatchSpan | undefined {
    if (origin === 'replication' || origin === 'recovery') return undefined
    const entry = this.#producers.get(facts.producerId)
    if (!entry) return undefined
    if (facts.isControl) {
      if (facts.marker) checkMarker(entry, facts, facts.marker)
      return undefined
    }
    if (origin === 'client') {
      const original = findDuplicate(entry, facts)
      if (original) return original
    }
    if (facts.producerEpoch < entry.producerEpoch) throw staleEpoch(entry, facts)
    if (origin === 'client') checkSequence(entry, facts)
    if (entry.currentTxnFirstOffset >= 0 && !facts.isTransactional) {
      throw new KafkaError(
        'INVALID_TXN_STATE',
        `producer ${facts.producerId} has a transaction open since offset ` +
          `${entry.currentTxnFirstOffset} and sent a batch outside of it`,
      )
    }
    return undefined
  }

  /**
   * Applies a batch that has its place in the log.
   * @param nowMs wall clock: the producer expires `producer.id.expiration.ms` after it.
   * @returns the transaction it ended, which belongs into the transaction index when aborted.
   */
  update(facts: ProducerFacts, span: BatchSpan, nowMs: number): CompletedTransaction | undefined {
    this.advanceTo(span.lastOffset + 1)
    if (facts.isControl && !facts.marker) return undefined
    const entry = this.#entryOf(facts.producerId)
    entry.enter(facts.producerEpoch)
    entry.lastTimestamp = span.maxTimestamp
    entry.seenMs = nowMs
    if (facts.marker) return this.#endTransaction(entry, facts.marker, span.lastOffset)
    entry.remember({
      lastSequence: lastSequenceOf(facts),
      lastOffset: span.lastOffset,
      offsetDelta: span.lastOffset - span.baseOffset,
      timestamp: span.maxTimestamp,
    })
    if (facts.isTransactional && entry.currentTxnFirstOffset < 0) {
      entry.currentTxnFirstOffset = span.baseOffset
      this.#open.set(span.baseOffset, entry)
    }
    return undefined
  }

  /** Says that everything below `offset` is reflected: batches without a producer change no more. */
  advanceTo(offset: number): void {
    if (offset > this.#endOffset) this.#endOffset = offset
  }

  /** What every live producer looks like, in the order of their first batches. */
  entries(): IterableIterator<ProducerEntry> {
    return this.#producers.values()
  }

  /**
   * What a snapshot is to hold, where an entry stands for the last of its batches: of producers that
   * may still send several batches again one for each that is remembered, oldest first.
   */
  *snapshotEntries(nowMs: number): IterableIterator<ProducerEntry> {
    for (const entry of this.#producers.values()) {
      const mayRetry = nowMs - entry.seenMs <= RETRY_WINDOW_MS
      if (mayRetry) yield* earlierBatches(entry)
      yield entry
    }
  }

  entry(producerId: number): ProducerEntry | undefined {
    return this.#producers.get(producerId)
  }

  /**
   * The first offset a `read_committed` reader may not pass: that of the oldest transaction which is
   * open or whose marker has not reached the high watermark. undefined when there is none.
   */
  firstUnstableOffset(): number | undefined {
    let first = this.firstUndecidedOffset()
    for (const { firstOffset } of this.#unreplicated) {
      if (first === undefined || firstOffset < first) first = firstOffset
    }
    return first
  }

  /** First offset of the oldest open transaction. */
  firstUndecidedOffset(): number | undefined {
    return this.#open.keys().next().value
  }

  /** Transactions that ended below `highWatermark` no longer hold back the last stable offset. */
  onHighWatermark(highWatermark: number): void {
    const ended = this.#unreplicated
    if (ended.length === 0 || ended[0]!.lastOffset >= highWatermark) return
    this.#unreplicated = ended.filter(({ lastOffset }) => lastOffset >= highWatermark)
  }

  /** The log now begins at `offset`. Producers stay: their sequences outlive their records. */
  onLogStart(offset: number): void {
    this.onHighWatermark(offset)
    this.advanceTo(offset)
  }

  /** Forgets producers not seen for `expirationMs`, except those with an open transaction.
   *  @returns how many. */
  expire(nowMs: number, expirationMs: number): number {
    const before = this.#producers.size
    for (const [producerId, entry] of this.#producers) {
      if (entry.currentTxnFirstOffset < 0 && nowMs - entry.seenMs >= expirationMs) {
        this.#producers.delete(producerId)
      }
    }
    return before - this.#producers.size
  }

  /**
   * Replaces everything by the content of a snapshot, or by nothing. Batches from `endOffset` on have
   * to be read from the log and applied again. Of entries for one producer the last counts; the batches
   * of those before it are remembered as well.
   * @param nowMs when the restored producers count as seen.
   */
  reset(endOffset: number, entries: Iterable<ProducerEntry>, nowMs: number): void {
    this.#producers.clear()
    this.#open.clear()
    this.#unreplicated = []
    this.#endOffset = endOffset
    for (const entry of entries) {
      const earlier = this.#producers.get(entry.producerId)
      const isSameEpoch = earlier?.producerEpoch === entry.producerEpoch
      const batches = isSameEpoch ? [...earlier.batches, ...entry.batches] : entry.batches
      this.#producers.set(entry.producerId, Producer.from({ ...entry, batches }, nowMs))
    }
    const open = [...this.#producers.values()].filter((entry) => entry.currentTxnFirstOffset >= 0)
    open.sort((a, b) => a.currentTxnFirstOffset - b.currentTxnFirstOffset)
    for (const entry of open) this.#open.set(entry.currentTxnFirstOffset, entry)
  }

  #entryOf(producerId: number): Producer {
    const known = this.#producers.get(producerId)
    if (known) return known
    const entry = new Producer(producerId)
    this.#producers.set(producerId, entry)
    return entry
  }

  #endTransaction(
    entry: Producer,
    marker: EndTransactionMarker,
    lastOffset: number,
  ): CompletedTransaction | undefined {
    const firstOffset = entry.currentTxnFirstOffset
    entry.coordinatorEpoch = marker.coordinatorEpoch
    entry.currentTxnFirstOffset = -1
    if (firstOffset < 0) return undefined
    this.#open.delete(firstOffset)
    this.#unreplicated.push({ firstOffset, lastOffset })
    const lastStableOffset = this.firstUndecidedOffset() ?? lastOffset + 1
    const { producerId } = entry
    return { producerId, firstOffset, lastOffset, committed: marker.committed, lastStableOffset }
  }
}

/** Entries for all batches of a producer but the last. */
function* earlierBatches(entry: ProducerEntry): Iterable<ProducerEntry> {
  const { producerId, producerEpoch, coordinatorEpoch, currentTxnFirstOffset, batches } = entry
  for (const batch of batches.slice(0, -1)) {
    yield {
      producerId,
      producerEpoch,
      coordinatorEpoch,
      currentTxnFirstOffset,
      lastTimestamp: batch.timestamp,
      batches: [batch],
    }
  }
}

function findDuplicate(entry: Producer, facts: ProducerFacts): BatchSpan | undefined {
  if (entry.producerEpoch !== facts.producerEpoch) return undefined
  const original = entry.find(facts.baseSequence, lastSequenceOf(facts))
  if (!original) return undefined
  const { lastOffset, offsetDelta, timestamp } = original
  return { baseOffset: lastOffset - offsetDelta, lastOffset, maxTimestamp: timestamp }
}

function checkSequence(entry: Producer, facts: ProducerFacts): void {
  const { producerId, producerEpoch, baseSequence } = facts
  if (producerEpoch !== entry.producerEpoch) {
    if (baseSequence === 0 || entry.producerEpoch === NO_EPOCH) return
    throw new KafkaError(
      'OUT_OF_ORDER_SEQUENCE_NUMBER',
      `producer ${producerId} begins epoch ${producerEpoch} at sequence ${baseSequence}, not at 0`,
    )
  }
  const last = entry.lastSequence
  if (isNextSequence(last, baseSequence)) return
  throw new KafkaError(
    'OUT_OF_ORDER_SEQUENCE_NUMBER',
    `producer ${producerId} sent sequence ${baseSequence} after ${last} in epoch ${producerEpoch}`,
  )
}

/** A marker of transaction version 2 or later carries a raised epoch; the same epoch again is the
 *  retry of one that was written, accepted when no transaction is open. */
function checkMarker(
  entry: ProducerEntry,
  facts: ProducerFacts,
  { coordinatorEpoch, transactionVersion = 0 }: EndTransactionMarker,
): void {
  const MAX_EPOCH = 0x7fff
  if (facts.producerEpoch < entry.producerEpoch) throw staleEpoch(entry, facts)
  if (transactionVersion >= 2 && facts.producerEpoch === entry.producerEpoch) {
    const isRetry = entry.currentTxnFirstOffset < 0 || facts.producerEpoch === MAX_EPOCH
    if (!isRetry) throw staleEpoch(entry, facts)
  }
  if (coordinatorEpoch < entry.coordinatorEpoch) {
    throw new KafkaError(
      'TRANSACTION_COORDINATOR_FENCED',
      `marker for producer ${facts.producerId} has coordinator epoch ${coordinatorEpoch}, ` +
        `below ${entry.coordinatorEpoch}`,
    )
  }
}

function staleEpoch(entry: ProducerEntry, facts: ProducerFacts): KafkaError {
  return new KafkaError(
    'INVALID_PRODUCER_EPOCH',
    `producer ${facts.producerId} sent epoch ${facts.producerEpoch}, ` +
      `the latest is ${entry.producerEpoch}`,
  )
}

function lastSequenceOf(facts: ProducerFacts): number {
  if (facts.baseSequence === NO_SEQUENCE) return NO_SEQUENCE
  return sequenceAfter(facts.baseSequence, facts.lastOffsetDelta)
}
