import { sizeOfVarlong, varintEnd, writeVarint, writeVarlong } from '../../kernel/varint.ts'
import * as batch from '../../records/batch.ts'
import { BatchBuilder, writeBatch } from '../../records/builder.ts'
import { compress, compressionName } from '../../records/compression/compression.ts'
import { RecordCursor } from '../../records/cursor.ts'
import type { LogRecord } from '../../records/records.ts'
import type { RecordsVerdict } from './batch-filter.ts'

/** Memory that is used again and again, by one user at a time: batches are put together in it. */
export class Scratch {
  #bytes = new Uint8Array(0)

  /** The first `sizeBytes` of it, with any content. */
  take(sizeBytes: number): Uint8Array {
    if (this.#bytes.length < sizeBytes) this.#bytes = new Uint8Array(2 * sizeBytes)
    return this.#bytes.subarray(0, sizeBytes)
  }
}

/** Where a header has its two timestamps. */
const TIMESTAMPS_AT = 27
const TIMESTAMPS_END = 43
/** A timestamp delta takes ten bytes at most, and may lengthen the record's size by as many as two. */
const MOST_GROWTH_BYTES = 12

/**
 * A v2 batch without the records that go, as Kafka's cleaner writes it: offsets, epochs, sequence and
 * codec stay, the base timestamp becomes that of the first record, or the delete horizon.
 * @param plain the records of the batch at `at`, uncompressed.
 * @param newHorizonMs to be set now (KIP-534); undefined leaves the one it has, if it has one.
 * @param scratch where it is put together; the result may lie in it, until it is used again.
 */
export async function rewriteBatch(
  bytes: Uint8Array,
  at: number,
  plain: Uint8Array,
  verdict: RecordsVerdict,
  newHorizonMs: number | undefined,
  scratch: Scratch,
): Promise<Uint8Array> {
  const header = batch.readHeader(bytes, at)
  const hasOwnTimes = hasCountableTimes(header)
  const horizonMs = batch.deleteHorizonMs(bytes, at) ?? (hasOwnTimes ? newHorizonMs : undefined)
  const times = keptTimes(bytes, at, plain, verdict)
  const baseTimestamp = hasOwnTimes ? (horizonMs ?? times.first) : header.baseTimestamp
  const built = putTogether(bytes, at, plain, verdict, baseTimestamp, scratch)
  const isAppendTime = (header.attributes & batch.LOG_APPEND_TIME_BIT) !== 0
  const changed = {
    ...header,
    attributes: header.attributes | (horizonMs === undefined ? 0 : batch.DELETE_HORIZON_BIT),
    baseTimestamp,
    maxTimestamp: isAppendTime || !hasOwnTimes ? header.maxTimestamp : times.max,
    recordCount: verdict.keptCount,
  }
  const codec = compressionName(header.attributes & batch.CODEC_MASK)
  const records = built.subarray(batch.BATCH_OVERHEAD_BYTES)
  const result = codec === 'none' ? built : writeBatch(await compress(codec, records), changed)
  if (codec === 'none') batch.writeHeader(built, changed)
  if (!hasOwnTimes) copyTimestamps(bytes, at, result)
  return result
}

/** The header of a v2 batch that has lost all its records: it keeps offsets and a sequence alive. */
export function emptyBatch(bytes: Uint8Array, at: number): Uint8Array {
  const header = batch.readHeader(bytes, at)
  const kept = batch.LOG_APPEND_TIME_BIT | batch.TRANSACTIONAL_BIT | batch.CONTROL_BIT
  const attributes = header.attributes & kept
  const baseTimestamp = batch.NO_TIMESTAMP
  const changed = { ...header, attributes, baseTimestamp, recordCount: 0 }
  const result = writeBatch(new Uint8Array(0), changed)
  if (hasCountableTimes(header)) return result
  result.set(bytes.subarray(at + TIMESTAMPS_AT + 8, at + TIMESTAMPS_END), TIMESTAMPS_AT + 8)
  batch.sealBatch(result)
  return result
}

/**
 * What is left of a v0 or v1 message (a wrapper may hold many) in the present format, which has room
 * for a delete horizon.
 * @param lastOffset of the message: the batch reaches as far.
 */
export function batchOfLegacy(
  kept: readonly LogRecord[],
  lastOffset: number,
  horizonMs: number | undefined,
): Uint8Array {
  const baseOffset = kept[0]?.offset ?? lastOffset
  const horizon = horizonMs === undefined ? {} : { deleteHorizonMs: horizonMs }
  const builder = new BatchBuilder({ baseOffset, ...horizon })
  for (const record of kept) builder.appendAt(record.offset - baseOffset, record)
  return builder.build(lastOffset - baseOffset)
}

/** Times beyond 2^53, which some producers count in nanoseconds, read as the last safe integer. They
 *  are kept as they are, and nothing is counted from them. */
function hasCountableTimes({ baseTimestamp, maxTimestamp }: batch.BatchHeader): boolean {
  const limit = Number.MAX_SAFE_INTEGER
  return Math.abs(baseTimestamp) < limit && Math.abs(maxTimestamp) < limit
}

function copyTimestamps(bytes: Uint8Array, at: number, into: Uint8Array): void {
  into.set(bytes.subarray(at + TIMESTAMPS_AT, at + TIMESTAMPS_END), TIMESTAMPS_AT)
  batch.sealBatch(into)
}

/** The first and the largest timestamp of the records that stay. */
function keptTimes(bytes: Uint8Array, at: number, plain: Uint8Array, { kept }: RecordsVerdict) {
  const cursor = new RecordCursor(bytes, at, plain, 0)
  let first: number = batch.NO_TIMESTAMP
  let max: number = batch.NO_TIMESTAMP
  let isFirst = true
  for (let index = 0; cursor.next(); index++) {
    if (kept[index] !== 1) continue
    if (isFirst) first = cursor.timestamp
    isFirst = false
    if (cursor.timestamp > max) max = cursor.timestamp
  }
  return { first, max }
}

/** Room for a header, then the records that stay, their timestamps counted from `baseTimestamp`. */
function putTogether(
  bytes: Uint8Array,
  at: number,
  plain: Uint8Array,
  { kept, keptCount }: RecordsVerdict,
  baseTimestamp: number,
  scratch: Scratch,
): Uint8Array {
  const isSameBase = baseTimestamp === batch.baseTimestamp(bytes, at)
  const growthBytes = isSameBase ? 0 : keptCount * MOST_GROWTH_BYTES
  const result = scratch.take(batch.BATCH_OVERHEAD_BYTES + plain.length + growthBytes)
  const cursor = new RecordCursor(bytes, at, plain, 0)
  let end = batch.BATCH_OVERHEAD_BYTES
  for (let index = 0; cursor.next(); index++) {
    if (kept[index] !== 1) continue
    const recordEnd = cursor.start + cursor.sizeBytes
    if (isSameBase) {
      result.set(plain.subarray(cursor.start, recordEnd), end)
      end += cursor.sizeBytes
      continue
    }
    const bodyAt = varintEnd(plain, cursor.start)
    const restAt = varintEnd(plain, bodyAt + 1) // behind attributes and timestamp
    const delta = cursor.timestamp - baseTimestamp
    const bodyBytes = 1 + sizeOfVarlong(delta) + recordEnd - restAt
    end = writeVarint(result, end, bodyBytes)
    result[end++] = plain[bodyAt]!
    end = writeVarlong(result, end, delta)
    result.set(plain.subarray(restAt, recordEnd), end)
    end += recordEnd - restAt
  }
  return result.subarray(0, end)
}
