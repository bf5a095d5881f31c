import * as batch from './batch.ts'
import { codecs, decompress } from './compression/compression.ts'
import { RecordCursor, type RecordHeader } from './cursor.ts'

/** One record as a value, for code that keeps it. Key, value and header values are views. */
export interface LogRecord {
  readonly offset: number
  readonly timestamp: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: readonly RecordHeader[]
}

/**
 * Opens the records of one validated v2 batch, decompressing them now.
 * @param maxBytes the most they may become.
 * @throws KafkaError MESSAGE_TOO_LARGE beyond it, CORRUPT_MESSAGE, UNSUPPORTED_COMPRESSION_TYPE.
 */
export function openRecordsSync(bytes: Uint8Array, at: number, maxBytes: number): RecordCursor {
  const records = recordBytes(bytes, at)
  const plain = codecs[batch.compressionOf(bytes, at)].decompressSync(records, maxBytes)
  return new RecordCursor(bytes, at, plain, 0)
}

/** As `openRecordsSync`; large compressed batches go to the thread pool. `bytes` must not change
 *  meanwhile. */
export function openRecords(
  bytes: Uint8Array,
  at: number,
  maxBytes: number,
): RecordCursor | Promise<RecordCursor> {
  const plain = decompress(batch.compressionOf(bytes, at), recordBytes(bytes, at), maxBytes)
  if (!(plain instanceof Promise)) return new RecordCursor(bytes, at, plain, 0)
  return plain.then((records) => new RecordCursor(bytes, at, records, 0))
}

/** What follows the header of the batch at `at`, as it lies there. */
export function recordBytes(bytes: Uint8Array, at: number): Uint8Array {
  return bytes.subarray(at + batch.BATCH_OVERHEAD_BYTES, at + batch.batchSizeBytes(bytes, at))
}

/** The cursor's current record as a value. */
export function currentRecord(cursor: RecordCursor): LogRecord {
  return {
    offset: cursor.offset,
    timestamp: cursor.timestamp,
    key: cursor.key(),
    value: cursor.value(),
    headers: cursor.headerCount === 0 ? NO_HEADERS : cursor.headers(),
  }
}

const NO_HEADERS: readonly RecordHeader[] = []

/**
 * All records of one validated v2 batch, as values: for tests, tools and coordinators that load
 * their state. The hot paths use the cursor.
 */
export function* recordsOf(bytes: Uint8Array, at: number, maxBytes: number): Generator<LogRecord> {
  const cursor = openRecordsSync(bytes, at, maxBytes)
  while (cursor.next()) yield currentRecord(cursor)
}
