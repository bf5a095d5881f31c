import { EMPTY_BYTES, readInt32, readInt64 } from '../kernel/bytes.ts'
import { KafkaError } from '../protocol/errors.ts'
import * as batch from './batch.ts'
import { BatchBuilder } from './builder.ts'
import { codecs, compressionName } from './compression/compression.ts'
import { withHeaderChecksum } from './compression/lz4-frame.ts'
import { zlib } from './compression/zlib.ts'
import type { LogRecord } from './records.ts'

/*
 * Messages of formats v0 and v1, which brokers before 0.11 wrote and whose logs may still lie there:
 *
 *    0  offset int64 · 8 length int32 · 12 CRC-32 of all from 16 · 16 magic · 17 attributes ·
 *    v1: 18 timestamp int64 · key size int32 (-1: null) · key · value size int32 · value
 *
 * A compressed message is a wrapper: its value holds further messages. Its offset is that of the
 * last of them; in v0 they carry their own offsets, in v1 offsets relative to the first (KIP-31).
 */

const AT_CRC = 12
const AT_MAGIC = 16
const AT_ATTRIBUTES = 17
const AT_TIMESTAMP_V1 = 18
const AT_KEY_V0 = 18
const AT_KEY_V1 = 26

/** One message of a set as it lies there. */
interface Message {
  readonly magic: number
  readonly attributes: number
  readonly offset: number
  readonly timestamp: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
}

/** What is wrong with the v0 or v1 message at `at`, as a sentence, or undefined: size and checksum. */
export function legacyDamage(bytes: Uint8Array, at: number): string | undefined {
  const sizeBytes = batch.nextBatchSize(bytes, at)
  if (sizeBytes === batch.DAMAGED) return `no message begins at ${at}`
  if (sizeBytes === batch.INCOMPLETE) return `the message at ${at} is cut off at ${bytes.length}`
  const computed = zlib().crc32(bytes.subarray(at + AT_MAGIC, at + sizeBytes))
  const stored = readInt32(bytes, at + AT_CRC) >>> 0
  if (stored === computed) return undefined
  return `the message at ${at} has CRC ${stored} but its bytes give ${computed}`
}

/**
 * The records of the v0 or v1 message at `at`: one, or all in a wrapper. v0 has no timestamps: -1.
 * @param maxBytes the most a wrapper's content may become.
 * @throws KafkaError INVALID_RECORD | CORRUPT_MESSAGE | MESSAGE_TOO_LARGE
 */
export function legacyRecords(bytes: Uint8Array, at: number, maxBytes: number): LogRecord[] {
  const outer = readMessage(bytes, at)
  const codec = compressionName(outer.attributes & batch.CODEC_MASK)
  if (codec === 'none') return [asRecord(outer, outer.offset, outer.timestamp)]
  if (codec === 'zstd') throw invalid(`zstd does not exist in format v${outer.magic}`)
  if (outer.value === null) throw invalid(`the wrapper at offset ${outer.offset} is empty`)
  const isOldLz4 = codec === 'lz4' && outer.magic === 0
  const packed = isOldLz4 ? withHeaderChecksum(outer.value) : outer.value
  return unwrap(outer, codecs[codec].decompressSync(packed, maxBytes))
}

/**
 * All records of a whole v0/v1 message set as one v2 batch, uncompressed, with the same offsets and
 * timestamps. It says LogAppendTime only if that holds: a v2 batch has one such time, not many.
 * @throws KafkaError as `legacyRecords`; INVALID_RECORD when offsets do not grow or there is none.
 */
export function convertLegacy(bytes: Uint8Array, maxBytes: number): Uint8Array {
  const records: LogRecord[] = []
  let isAppendTime = true
  const end = batch.forEachBatch(bytes, (at) => {
    isAppendTime &&= timestampTypeOf(bytes[at + AT_ATTRIBUTES]!) === 'LogAppendTime'
    for (const record of legacyRecords(bytes, at, maxBytes)) records.push(record)
  })
  const first = records[0]
  if (!first || end !== bytes.length)
    throw invalid(`${bytes.length} bytes are no whole message set`)
  isAppendTime &&= records.every((record) => record.timestamp === first.timestamp)
  const timestampType = isAppendTime ? 'LogAppendTime' : 'CreateTime'
  const builder = new BatchBuilder({ baseOffset: first.offset, timestampType })
  let previous = first.offset - 1
  for (const record of records) {
    if (record.offset <= previous) throw invalid(`offset ${record.offset} follows ${previous}`)
    builder.appendAt(record.offset - first.offset, record)
    previous = record.offset
  }
  return builder.build()
}

function unwrap(outer: Message, set: Uint8Array): LogRecord[] {
  const inner: Message[] = []
  batch.forEachBatch(set, (at) => inner.push(readMessage(set, at)))
  const last = inner.at(-1)
  if (!last) throw invalid(`the wrapper at offset ${outer.offset} holds no message`)
  const isRelative = outer.magic === 1
  // Some old producers left the wrapper's offset 0: then the inner ones count from 0 too.
  const base = isRelative && outer.offset !== 0 ? outer.offset - last.offset : 0
  if (base < 0) throw invalid(`the wrapper's offset ${outer.offset} is below ${last.offset}`)
  const isAppendTime = timestampTypeOf(outer.attributes) === 'LogAppendTime'
  return inner.map((message) => {
    if (message.attributes & batch.CODEC_MASK) throw invalid('a wrapper inside a wrapper')
    const timestamp = isAppendTime && message.magic === 1 ? outer.timestamp : message.timestamp
    return asRecord(message, base + message.offset, timestamp)
  })
}

function readMessage(bytes: Uint8Array, at: number): Message {
  const sizeBytes = batch.nextBatchSize(bytes, at)
  if (sizeBytes <= 0) throw invalid(`no whole message lies at ${at}`)
  const magic = batch.magic(bytes, at)
  if (magic > 1) throw invalid(`a message set holds a batch of magic ${magic}`)
  const one = bytes.subarray(at, at + sizeBytes)
  try {
    const keyAt = magic === 0 ? AT_KEY_V0 : AT_KEY_V1
    const key = readField(one, keyAt)
    const value = readField(one, keyAt + 4 + (key?.length ?? 0))
    const offset = readInt64(one, 0)
    const timestamp = magic === 0 ? batch.NO_TIMESTAMP : readInt64(one, AT_TIMESTAMP_V1)
    return { magic, attributes: one[AT_ATTRIBUTES]!, offset, timestamp, key, value }
  } catch (error) {
    if (error instanceof KafkaError) throw error
    throw new KafkaError('INVALID_RECORD', `the message at ${at} is not whole`, { cause: error })
  }
}

function readField(message: Uint8Array, at: number): Uint8Array | null {
  const sizeBytes = readInt32(message, at)
  if (sizeBytes < 0) return null
  if (sizeBytes === 0) return EMPTY_BYTES
  if (sizeBytes > message.length - at - 4) throw invalid(`a field of ${sizeBytes} bytes is cut off`)
  return message.subarray(at + 4, at + 4 + sizeBytes)
}

function asRecord(message: Message, offset: number, timestamp: number): LogRecord {
  return { offset, timestamp, key: message.key, value: message.value, headers: [] }
}

function timestampTypeOf(attributes: number): batch.TimestampType {
  return attributes & batch.LOG_APPEND_TIME_BIT ? 'LogAppendTime' : 'CreateTime'
}

function invalid(detail: string): KafkaError {
  return new KafkaError('INVALID_RECORD', detail)
}
