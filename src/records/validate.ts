import { type ErrorName, KafkaError } from '../protocol/errors.ts'
import * as batch from './batch.ts'
import { checkHeader, checkSize, onlyBatch, partitionName, refuse } from './batch-rules.ts'
import {
  type CompressionLevels,
  type CompressionName,
  compress,
  decompress,
  levelOf,
} from './compression/compression.ts'
import { RecordCursor } from './cursor.ts'
import { recordBytes } from './records.ts'
import { renumbered, rewritten } from './rewrite.ts'

/*
 * The leader's check of what a producer sent, before it is appended: Kafka's rules for format v2,
 * in Kafka's order, so that the same bad bytes get the same error code.
 *
 *    one batch, whole, of magic 2 · base offset 0 · max.message.bytes · CRC · counts and flags ·
 *    every record (bounds, keys, timestamps) · recompression · segment.bytes
 *
 * Compressed batches are decompressed for it; docs/decisions/0002 says why, and when not.
 */

/** What the topic asks of a batch. One value per topic, made anew when its configuration changes. */
export interface AppendRules {
  /** Named in errors only. */
  readonly topic: string
  readonly partition?: number
  /** Coordinators may write control batches, at offsets and sequences of their own. */
  readonly origin?: 'client' | 'coordinator'
  /** `cleanup.policy` contains compact: every record needs a key. */
  readonly compacted: boolean
  readonly timestampType: batch.TimestampType
  readonly timestampBeforeMaxMs: number
  readonly timestampAfterMaxMs: number
  readonly maxMessageBytes: number
  readonly segmentBytes: number
  /** Kafka's `compression.type`: a codec, or the one the producer chose. */
  readonly compressionType: Exclude<CompressionName, 'none'> | 'uncompressed' | 'producer'
  readonly levels: CompressionLevels
  /** Compressed batches are taken by header and CRC where no other rule needs their contents. */
  readonly trustsCompressed: boolean
  /** The most that a batch may become when it is decompressed. */
  readonly maxDecompressedBytes: number
}

/** A batch that may be appended once its offset and leader epoch are stamped. */
export interface Prepared {
  /** One whole batch: a view of the given bytes, or a new buffer where they had to change. */
  readonly bytes: Uint8Array
  /** The time given to all records, -1 with CreateTime. */
  readonly logAppendTimeMs: number
  readonly maxTimestamp: number
  /** What the time index notes for `maxTimestamp`, from the base offset: the batch's last offset, as
   *  Kafka does whichever record has it; -1 when no record has a timestamp. */
  readonly offsetOfMaxTimestamp: number
  readonly recordCount: number
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
  readonly isTransactional: boolean
}

/**
 * Checks one partition's `records` of a produce request and makes them what the topic stores.
 * @param bytes given away: timestamps are stamped in place, and the result is mostly a view of it.
 * @param nowMs the wall clock, for LogAppendTime and for the window of CreateTime.
 * @returns at once, or a promise where a large batch has to be (de)compressed.
 * @throws KafkaError INVALID_RECORD | CORRUPT_MESSAGE | MESSAGE_TOO_LARGE | RECORD_LIST_TOO_LARGE |
 *   INVALID_TIMESTAMP | UNSUPPORTED_COMPRESSION_TYPE, or rejects with it; as `RecordsRefused` where
 *   single records are at fault.
 * One CRC pass and about 15 ns per record, and the codec's time for a compressed batch.
 */
export function prepareAppend(
  bytes: Uint8Array,
  rules: AppendRules,
  nowMs: number,
): Prepared | Promise<Prepared> {
  const one = onlyBatch(bytes, rules)
  const source = batch.compressionOf(one)
  checkHeader(one, rules)
  if (source === 'none') {
    const cursor = new RecordCursor(one, 0, one, batch.BATCH_OVERHEAD_BYTES)
    return afterWalk(one, source, checkRecords(cursor, one, rules, nowMs), rules, nowMs)
  }
  if (!needsContents(one, source, rules, nowMs)) {
    return stamp(one, batch.maxTimestamp(one), rules, nowMs)
  }
  const check = (records: Uint8Array): Prepared | Promise<Prepared> => {
    const cursor = new RecordCursor(one, 0, records, 0)
    return afterWalk(one, source, checkRecords(cursor, one, rules, nowMs), rules, nowMs)
  }
  const records = decompress(source, recordBytes(one, 0), rules.maxDecompressedBytes)
  return records instanceof Promise ? records.then(check) : check(records)
}

/**
 * Whether a compressed batch has to be looked into: always, or for a trusting topic where a rule can only
 * be checked, or kept, by its contents. The header tells
 * the largest timestamp, so the window is looked at record by record only when that one is outside,
 * or when there is a bound below, where the smallest counts.
 */
function needsContents(
  one: Uint8Array,
  source: CompressionName,
  rules: AppendRules,
  nowMs: number,
): boolean {
  if (!rules.trustsCompressed) return true
  if (rules.compacted || targetOf(one, source, rules) !== source) return true
  if (batch.timestampType(one) === 'LogAppendTime') return true
  if (rules.timestampType === 'LogAppendTime') return false
  const isBoundedBelow = rules.timestampBeforeMaxMs < nowMs
  return isBoundedBelow || batch.maxTimestamp(one) - nowMs > rules.timestampAfterMaxMs
}

/** The codec the log shall hold. Control records stay as their coordinator wrote them. */
function targetOf(one: Uint8Array, source: CompressionName, rules: AppendRules): CompressionName {
  if (rules.compressionType === 'producer') return source
  if (source === 'none' && batch.isControlBatch(one)) return source
  return rules.compressionType === 'uncompressed' ? 'none' : rules.compressionType
}

/** What walking the records found, once none of them is at fault. */
interface Findings {
  /** The cursor's bytes and where records begin in them. */
  readonly records: Uint8Array
  readonly maxTimestamp: number
  /** Offset deltas are 0, 1, 2 … Batches of clients that get them wrong are renumbered: Kafka keeps
   *  them, and their readers see offsets that are not the log's. */
  readonly isNumbered: boolean
}

/** Walks all records. @throws RecordsRefused naming those that break a rule of the topic. */
function checkRecords(
  cursor: RecordCursor,
  one: Uint8Array,
  rules: AppendRules,
  nowMs: number,
): Findings {
  const isWindowed = rules.timestampType === 'CreateTime'
  const earliestMs = isWindowed ? nowMs - rules.timestampBeforeMaxMs : Number.NEGATIVE_INFINITY
  const latestMs = isWindowed ? nowMs + rules.timestampAfterMaxMs : Number.POSITIVE_INFINITY
  const claimsAppendTime = batch.timestampType(one) === 'LogAppendTime'
  let errors: RecordErrors | undefined
  let maxTimestamp = batch.NO_TIMESTAMP
  let isNumbered = true
  for (let index = 0; cursor.next(); index++) {
    const { timestamp } = cursor
    if (timestamp > maxTimestamp) maxTimestamp = timestamp
    if (cursor.offsetDelta !== index) isNumbered = false
    if (rules.compacted && cursor.keyBytes < 0) {
      errors ??= new RecordErrors()
      errors.add(index, 'INVALID_RECORD', 'a compacted topic takes no record without a key')
    } else if (isWindowed && timestamp !== batch.NO_TIMESTAMP) {
      if (timestamp >= earliestMs && timestamp <= latestMs) continue
      const window = `the timestamp ${timestamp} is not in [${earliestMs}, ${latestMs}]`
      errors ??= new RecordErrors()
      errors.add(index, 'INVALID_TIMESTAMP', window)
    } else if (claimsAppendTime) {
      errors ??= new RecordErrors()
      errors.add(index, 'INVALID_TIMESTAMP', 'a producer may not set LogAppendTime')
    }
  }
  if (errors) throw errors.toError(rules)
  const isInPlace = cursor.bytes === one
  return {
    records: isInPlace ? one.subarray(batch.BATCH_OVERHEAD_BYTES) : cursor.bytes,
    maxTimestamp,
    isNumbered: isNumbered || rules.origin === 'coordinator',
  }
}

/** Appends as it is, or writes anew, what has been walked. */
function afterWalk(
  one: Uint8Array,
  source: CompressionName,
  found: Findings,
  rules: AppendRules,
  nowMs: number,
): Prepared | Promise<Prepared> {
  const target = targetOf(one, source, rules)
  if (source !== 'none' && !found.isNumbered) {
    const detail = 'the offsets inside the compressed batch are not 0, 1, 2 …'
    throw refuse('INVALID_RECORD', rules, detail)
  }
  if (target === source && found.isNumbered) return stamp(one, found.maxTimestamp, rules, nowMs)
  const records = found.isNumbered ? found.records : renumbered(one, found.records)
  const packed = compress(target, records, levelOf(target, rules.levels))
  const finish = (compressed: Uint8Array): Prepared => {
    const anew = rewritten(one, target, compressed)
    checkSize(anew, rules)
    return stamp(anew, found.maxTimestamp, rules, nowMs)
  }
  return packed instanceof Promise ? packed.then(finish) : finish(packed)
}

/** The last step: timestamps in place, and the bound of a segment. */
function stamp(
  one: Uint8Array,
  recordsMaxTimestamp: number,
  rules: AppendRules,
  nowMs: number,
): Prepared {
  const isAppendTime = rules.timestampType === 'LogAppendTime'
  const maxTimestamp = isAppendTime ? nowMs : recordsMaxTimestamp
  batch.setTimestamp(one, 0, rules.timestampType, maxTimestamp)
  if (one.length > rules.segmentBytes) {
    const detail = `the batch has ${one.length} bytes, segment.bytes is ${rules.segmentBytes}`
    throw refuse('RECORD_LIST_TOO_LARGE', rules, detail)
  }
  return {
    bytes: one,
    logAppendTimeMs: isAppendTime ? nowMs : -1,
    maxTimestamp,
    offsetOfMaxTimestamp: maxTimestamp === batch.NO_TIMESTAMP ? -1 : batch.lastOffsetDelta(one),
    recordCount: batch.recordCount(one),
    producerId: batch.producerId(one),
    producerEpoch: batch.producerEpoch(one),
    baseSequence: batch.baseSequence(one),
    isTransactional: batch.isTransactional(one),
  }
}

/** One record for whose sake a batch was refused (KIP-467). */
export interface RecordError {
  /** Its place in the batch, from 0. */
  readonly batchIndex: number
  readonly message: string
}

/** How many of a batch's bad records are named one by one. */
const MAX_RECORD_ERRORS = 1_000

/** A batch refused for the sake of single records: the one `KafkaError` with more to tell than a
 *  code and a sentence, because the produce response has a place for it. */
export class RecordsRefused extends KafkaError {
  readonly recordErrors: readonly RecordError[]

  constructor(error: ErrorName, detail: string, recordErrors: readonly RecordError[]) {
    super(error, detail)
    this.recordErrors = recordErrors
  }
}

/** Gathers the errors of one walk. A wrong timestamp anywhere decides the code, as in Kafka. */
class RecordErrors {
  readonly #errors: RecordError[] = []
  #count = 0
  #code: ErrorName = 'INVALID_RECORD'

  add(batchIndex: number, error: ErrorName, message: string): void {
    if (this.#errors.length < MAX_RECORD_ERRORS) this.#errors.push({ batchIndex, message })
    this.#count++
    if (error === 'INVALID_TIMESTAMP') this.#code = error
  }

  toError(rules: AppendRules): RecordsRefused {
    const detail = `${partitionName(rules)}: ${this.#count} records of the batch are refused`
    return new RecordsRefused(
      this.#code,
      `${detail}, first: ${this.#errors[0]?.message}`,
      this.#errors,
    )
  }
}
