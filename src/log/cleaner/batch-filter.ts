import * as batch from '../../records/batch.ts'
import type { RecordCursor } from '../../records/cursor.ts'
import type { TransactionFilter } from './transaction-filter.ts'

/** What is known of a producer that may still send: which of its batches must not vanish. */
export interface LastOfProducer {
  readonly producerEpoch: number
  /** Last offset of its last batch of data, undefined when only its markers are remembered. */
  readonly lastDataOffset: number | undefined
}

/** The last offset of each key, as far as the log has been looked at. */
export interface KnownKeys {
  readonly latestOffset: number
  get(bytes: Uint8Array, keyAt: number, keyBytes: number): number
}

/** What decides about batches and records in one pass. */
export interface RetentionRules {
  readonly nowMs: number
  /** `delete.retention.ms`. */
  readonly deleteRetentionMs: number
  /** The batch that ends right below it stays, though empty, so that the log goes on there. */
  readonly endOffset: number
  readonly keys: KnownKeys
  readonly transactions: TransactionFilter
  readonly lastOfProducer: (producerId: number) => LastOfProducer | undefined
}

/** What a batch's header decides. */
export interface BatchVerdict {
  /** None of its records stays. */
  readonly dropsRecords: boolean
  /** Its header stays even without records. */
  readonly keepsHeader: boolean
  /** A marker whose transaction has no batch left: its delete horizon is to be set. */
  readonly isNeedlessMarker: boolean
}

/** What becomes of the records of a batch. */
export interface RecordsVerdict {
  readonly keptCount: number
  /** One entry per record: 1 when it stays. */
  readonly kept: Uint8Array
  readonly hasTombstone: boolean
}

/**
 * Judges the next batch by its header: aborted data goes at once, markers of transactions without data
 * once their delete horizon (KIP-534) has passed. Of a producer that may still send, the last batch of
 * data stays at least as a header, as its sequence is needed; where it has none, its last marker.
 */
export function judgeBatch(bytes: Uint8Array, at: number, rules: RetentionRules): BatchVerdict {
  const isControl = batch.isControlBatch(bytes, at)
  const { transactions } = rules
  const mayDrop = isControl ? transactions.isNeedless(bytes, at) : transactions.isAborted(bytes, at)
  const horizonMs = batch.deleteHorizonMs(bytes, at)
  const isPast = horizonMs !== undefined && horizonMs <= rules.nowMs
  const endsRange = batch.lastOffset(bytes, at) + 1 === rules.endOffset
  return {
    dropsRecords: mayDrop && (!isControl || isPast),
    keepsHeader: endsRange || isLastOfProducer(bytes, at, rules),
    isNeedlessMarker: mayDrop && isControl,
  }
}

function isLastOfProducer(bytes: Uint8Array, at: number, rules: RetentionRules): boolean {
  const producerId = batch.producerId(bytes, at)
  const last = producerId < 0 ? undefined : rules.lastOfProducer(producerId)
  if (!last) return false
  if (last.lastDataOffset !== undefined) return batch.lastOffset(bytes, at) === last.lastDataOffset
  return batch.isControlBatch(bytes, at) && batch.producerEpoch(bytes, at) === last.producerEpoch
}

/** One record as far as it is judged. */
export interface JudgedRecord {
  readonly offset: number
  /** Holds the key. */
  readonly bytes: Uint8Array
  readonly keyAt: number
  /** Negative without a key. */
  readonly keyBytes: number
  /** Negative for a tombstone. */
  readonly valueBytes: number
}

/**
 * Whether a record of data stays: the last one of its key does, a tombstone until the delete horizon
 * of its batch; none without a key.
 * @param horizonMs of its batch; undefined when it was never set.
 */
export function staysRecord(
  record: JudgedRecord,
  horizonMs: number | undefined,
  { keys, nowMs }: Pick<RetentionRules, 'keys' | 'nowMs'>,
): boolean {
  if (record.offset > keys.latestOffset) return true
  if (record.keyBytes < 0) return false
  const isTombstone = record.valueBytes < 0
  if (isTombstone && horizonMs !== undefined && nowMs >= horizonMs) return false
  return record.offset >= keys.get(record.bytes, record.keyAt, record.keyBytes)
}

/** Judges the records that a cursor walks over, some at a time. Control records stay with their batch. */
export class RecordsJudge {
  readonly verdict: { keptCount: number; readonly kept: Uint8Array; hasTombstone: boolean }
  readonly #cursor: RecordCursor
  readonly #isControl: boolean
  readonly #horizonMs: number | undefined
  readonly #rules: Pick<RetentionRules, 'keys' | 'nowMs'>
  #index = 0

  /** @param horizonMs of the batch; undefined when it was never set. */
  constructor(
    cursor: RecordCursor,
    isControl: boolean,
    horizonMs: number | undefined,
    rules: Pick<RetentionRules, 'keys' | 'nowMs'>,
  ) {
    this.verdict = { keptCount: 0, kept: new Uint8Array(cursor.count), hasTombstone: false }
    this.#cursor = cursor
    this.#isControl = isControl
    this.#horizonMs = horizonMs
    this.#rules = rules
  }

  /** Judges at most `count` records. @returns whether that was all of them. */
  judge(count: number): boolean {
    const cursor = this.#cursor
    for (let left = count; left > 0; left--) {
      if (!cursor.next()) return true
      const index = this.#index++
      if (!this.#isControl && !staysRecord(cursor, this.#horizonMs, this.#rules)) continue
      this.verdict.kept[index] = 1
      this.verdict.keptCount++
      if (cursor.valueBytes < 0) this.verdict.hasTombstone = true
    }
    return false
  }
}
