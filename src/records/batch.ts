/** Records: what a produced batch looks like as bytes, and nothing about where it is kept. This file
 *  is its centre: the header of a v2 batch, read and changed where it lies. */

import {
  readInt8,
  readInt16,
  readInt32,
  readInt64,
  readUint32,
  writeInt16,
  writeInt32,
  writeInt64,
} from '../kernel/bytes.ts'
import { crc32c } from '../kernel/crc32c.ts'
import { KafkaError } from '../protocol/errors.ts'
import { type CompressionName, compressionName } from './compression/compression.ts'

/*
 * A v2 batch (KIP-98), big-endian:
 *
 *    0  base offset int64            27  base timestamp int64
 *    8  length int32, of what follows 35  max timestamp int64
 *   12  leader epoch int32           43  producer id int64
 *   16  magic int8 = 2               51  producer epoch int16
 *   17  CRC-32C of all from 21       53  base sequence int32
 *   21  attributes int16             57  record count int32
 *   23  last offset delta int32      61  records, compressed as the attributes say
 *
 * Offset and leader epoch lie outside of the checksum, so a leader may stamp them in place.
 * In v0 and v1 the same bytes 0 to 16 hold offset, length, a checksum and the magic (`legacy.ts`).
 */

/** Bytes in front of everything `batchLength` counts: base offset and length. */
export const LOG_OVERHEAD_BYTES = 12
/** Bytes of a v2 batch without any record. */
export const BATCH_OVERHEAD_BYTES = 61
/** Bytes needed to know a batch's size and format. */
export const MAGIC_END_BYTES = 17
/** The least `batchLength` of any format: an empty v0 message. */
export const SMALLEST_LENGTH_BYTES = 14
/** The format written by every producer since Kafka 0.11. */
export const CURRENT_MAGIC = 2

export const NO_TIMESTAMP = -1
export const NO_PRODUCER_ID = -1
export const NO_PRODUCER_EPOCH = -1
export const NO_SEQUENCE = -1

/** Bits of the attributes. The lowest three are the codec's id. */
export const CODEC_MASK = 0x07
export const LOG_APPEND_TIME_BIT = 0x08
export const TRANSACTIONAL_BIT = 0x10
export const CONTROL_BIT = 0x20
/** The base timestamp is the time after which tombstones and markers may go (KIP-534). */
export const DELETE_HORIZON_BIT = 0x40

const AT_LENGTH = 8
const AT_LEADER_EPOCH = 12
const AT_MAGIC = 16
const AT_CRC = 17
const AT_ATTRIBUTES = 21
const AT_LAST_OFFSET_DELTA = 23
const AT_BASE_TIMESTAMP = 27
const AT_MAX_TIMESTAMP = 35
const AT_PRODUCER_ID = 43
const AT_PRODUCER_EPOCH = 51
const AT_BASE_SEQUENCE = 53
const AT_RECORD_COUNT = 57

/** Which clock a topic's timestamps come from: the producer's, or the broker's at the append. */
export type TimestampType = 'CreateTime' | 'LogAppendTime'

// Every accessor takes the bytes and the position of a batch in them, and throws RangeError outside
// of them. Of untrusted bytes read only what `validateBatch` has accepted.

export function baseOffset(bytes: Uint8Array, at = 0): number {
  return readInt64(bytes, at)
}

/** Bytes that follow the length field. */
export function batchLength(bytes: Uint8Array, at = 0): number {
  return readInt32(bytes, at + AT_LENGTH)
}

/** Bytes of the whole batch, as its length field says. */
export function batchSizeBytes(bytes: Uint8Array, at = 0): number {
  return LOG_OVERHEAD_BYTES + readInt32(bytes, at + AT_LENGTH)
}

export function leaderEpoch(bytes: Uint8Array, at = 0): number {
  return readInt32(bytes, at + AT_LEADER_EPOCH)
}

export function magic(bytes: Uint8Array, at = 0): number {
  return readInt8(bytes, at + AT_MAGIC)
}

export function crc(bytes: Uint8Array, at = 0): number {
  return readUint32(bytes, at + AT_CRC)
}

export function attributes(bytes: Uint8Array, at = 0): number {
  return readInt16(bytes, at + AT_ATTRIBUTES)
}

export function lastOffsetDelta(bytes: Uint8Array, at = 0): number {
  return readInt32(bytes, at + AT_LAST_OFFSET_DELTA)
}

export function lastOffset(bytes: Uint8Array, at = 0): number {
  return baseOffset(bytes, at) + lastOffsetDelta(bytes, at)
}

export function baseTimestamp(bytes: Uint8Array, at = 0): number {
  return readTimestamp(bytes, at + AT_BASE_TIMESTAMP)
}

export function maxTimestamp(bytes: Uint8Array, at = 0): number {
  return readTimestamp(bytes, at + AT_MAX_TIMESTAMP)
}

/** Times beyond 2^53 (some producers count nanoseconds) read as the last one we can count with:
 *  they were accepted once, so the logs that hold them stay readable. */
function readTimestamp(bytes: Uint8Array, at: number): number {
  if (isCountable(bytes, at)) return readInt64(bytes, at)
  return readInt32(bytes, at) < 0 ? Number.MIN_SAFE_INTEGER : Number.MAX_SAFE_INTEGER
}

export function producerId(bytes: Uint8Array, at = 0): number {
  return readInt64(bytes, at + AT_PRODUCER_ID)
}

export function producerEpoch(bytes: Uint8Array, at = 0): number {
  return readInt16(bytes, at + AT_PRODUCER_EPOCH)
}

export function baseSequence(bytes: Uint8Array, at = 0): number {
  return readInt32(bytes, at + AT_BASE_SEQUENCE)
}

/** Records in the batch; after compaction fewer than offsets, possibly 0. */
export function recordCount(bytes: Uint8Array, at = 0): number {
  return readInt32(bytes, at + AT_RECORD_COUNT)
}

export function isTransactional(bytes: Uint8Array, at = 0): boolean {
  return (attributes(bytes, at) & TRANSACTIONAL_BIT) !== 0
}

export function isControlBatch(bytes: Uint8Array, at = 0): boolean {
  return (attributes(bytes, at) & CONTROL_BIT) !== 0
}

export function timestampType(bytes: Uint8Array, at = 0): TimestampType {
  return (attributes(bytes, at) & LOG_APPEND_TIME_BIT) === 0 ? 'CreateTime' : 'LogAppendTime'
}

/** When tombstones and markers of a compacted batch may go; undefined when not set (KIP-534). */
export function deleteHorizonMs(bytes: Uint8Array, at = 0): number | undefined {
  const set = (attributes(bytes, at) & DELETE_HORIZON_BIT) !== 0
  return set ? baseTimestamp(bytes, at) : undefined
}

/** The codec's id: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd; 5 to 7 mean nothing. */
export function codecId(bytes: Uint8Array, at = 0): number {
  return attributes(bytes, at) & CODEC_MASK
}

/** @throws KafkaError UNSUPPORTED_COMPRESSION_TYPE for an id without a codec. */
export function compressionOf(bytes: Uint8Array, at = 0): CompressionName {
  return compressionName(codecId(bytes, at))
}

/** Stamps the first offset. The checksum stays valid. */
export function setBaseOffset(bytes: Uint8Array, at: number, offset: number): void {
  writeInt64(bytes, at, offset)
}

/** Stamps the leader's epoch. The checksum stays valid. */
export function setLeaderEpoch(bytes: Uint8Array, at: number, epoch: number): void {
  writeInt32(bytes, at + AT_LEADER_EPOCH, epoch)
}

/** Sets kind and maximum of the timestamps; recomputes the checksum only if that changes a bit. */
export function setTimestamp(bytes: Uint8Array, at: number, type: TimestampType, maxMs: number) {
  const before = attributes(bytes, at)
  const after =
    type === 'LogAppendTime' ? before | LOG_APPEND_TIME_BIT : before & ~LOG_APPEND_TIME_BIT
  if (after === before && maxTimestamp(bytes, at) === maxMs) return
  writeInt16(bytes, at + AT_ATTRIBUTES, after)
  writeInt64(bytes, at + AT_MAX_TIMESTAMP, maxMs)
  sealBatch(bytes, at)
}

/** Writes the checksum over the bytes as they are now. */
export function sealBatch(bytes: Uint8Array, at = 0): void {
  writeInt32(bytes, at + AT_CRC, computeCrc(bytes, at, batchSizeBytes(bytes, at)))
}

function computeCrc(bytes: Uint8Array, at: number, sizeBytes: number): number {
  return crc32c(bytes.subarray(at + AT_ATTRIBUTES, at + sizeBytes))
}

/** Everything a header holds, for `writeHeader`. */
export interface BatchHeader {
  readonly baseOffset: number
  readonly leaderEpoch: number
  readonly attributes: number
  readonly lastOffsetDelta: number
  readonly baseTimestamp: number
  readonly maxTimestamp: number
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
  readonly recordCount: number
}

/** Writes the header of a batch that fills `bytes` and whose records are in place, checksum too. */
export function writeHeader(bytes: Uint8Array, header: BatchHeader): void {
  writeInt64(bytes, 0, header.baseOffset)
  writeInt32(bytes, AT_LENGTH, bytes.length - LOG_OVERHEAD_BYTES)
  writeInt32(bytes, AT_LEADER_EPOCH, header.leaderEpoch)
  bytes[AT_MAGIC] = CURRENT_MAGIC
  writeInt16(bytes, AT_ATTRIBUTES, header.attributes)
  writeInt32(bytes, AT_LAST_OFFSET_DELTA, header.lastOffsetDelta)
  writeInt64(bytes, AT_BASE_TIMESTAMP, header.baseTimestamp)
  writeInt64(bytes, AT_MAX_TIMESTAMP, header.maxTimestamp)
  writeInt64(bytes, AT_PRODUCER_ID, header.producerId)
  writeInt16(bytes, AT_PRODUCER_EPOCH, header.producerEpoch)
  writeInt32(bytes, AT_BASE_SEQUENCE, header.baseSequence)
  writeInt32(bytes, AT_RECORD_COUNT, header.recordCount)
  sealBatch(bytes)
}

/** The header of a whole v2 batch as a value, for code that writes a changed copy of it. */
export function readHeader(bytes: Uint8Array, at = 0): BatchHeader {
  return {
    baseOffset: baseOffset(bytes, at),
    leaderEpoch: leaderEpoch(bytes, at),
    attributes: attributes(bytes, at),
    lastOffsetDelta: lastOffsetDelta(bytes, at),
    baseTimestamp: baseTimestamp(bytes, at),
    maxTimestamp: maxTimestamp(bytes, at),
    producerId: producerId(bytes, at),
    producerEpoch: producerEpoch(bytes, at),
    baseSequence: baseSequence(bytes, at),
    recordCount: recordCount(bytes, at),
  }
}

/** Fewer bytes are left than the batch has: the rest has not arrived, or was never written. */
export const INCOMPLETE = 0
/** What lies there is no batch of any format. */
export const DAMAGED = -1

/**
 * Bytes of the batch or legacy message at `at`, or INCOMPLETE, or DAMAGED. Looks at length and magic
 * only: the way to step through a log, whatever its formats.
 */
export function nextBatchSize(bytes: Uint8Array, at: number): number {
  const left = bytes.length - at
  if (left < LOG_OVERHEAD_BYTES) return INCOMPLETE
  const length = readInt32(bytes, at + AT_LENGTH)
  if (length < SMALLEST_LENGTH_BYTES) return DAMAGED
  if (left < MAGIC_END_BYTES) return INCOMPLETE
  const format = bytes[at + AT_MAGIC]!
  if (format > CURRENT_MAGIC) return DAMAGED
  if (format === CURRENT_MAGIC && length < BATCH_OVERHEAD_BYTES - LOG_OVERHEAD_BYTES) return DAMAGED
  return left < LOG_OVERHEAD_BYTES + length ? INCOMPLETE : LOG_OVERHEAD_BYTES + length
}

/**
 * Calls `visit` for every whole batch, in order.
 * @returns position behind the last batch: less than `bytes.length` when a part of a batch
 *   is left over, as at the end of a fetched range.
 * @throws KafkaError CORRUPT_MESSAGE where something lies that is no batch.
 */
export function forEachBatch(
  bytes: Uint8Array,
  visit: (at: number, sizeBytes: number) => void,
): number {
  let at = 0
  for (;;) {
    const sizeBytes = nextBatchSize(bytes, at)
    if (sizeBytes === INCOMPLETE) return at
    if (sizeBytes === DAMAGED) throw new KafkaError('CORRUPT_MESSAGE', `no batch begins at ${at}`)
    visit(at, sizeBytes)
    at += sizeBytes
  }
}

/**
 * What is wrong with the v2 batch at `at`, as a sentence, or undefined: size, magic, checksum, and
 * that its offset and producer id can be counted with. Does not look at records. One CRC pass.
 */
export function batchDamage(bytes: Uint8Array, at = 0): string | undefined {
  const sizeBytes = nextBatchSize(bytes, at)
  if (sizeBytes === DAMAGED) return `no batch begins at ${at}`
  if (sizeBytes === INCOMPLETE) return `the batch at ${at} is cut off at ${bytes.length}`
  if (magic(bytes, at) !== CURRENT_MAGIC) return `the batch at ${at} has magic ${magic(bytes, at)}`
  const computed = computeCrc(bytes, at, sizeBytes)
  if (crc(bytes, at) !== computed) {
    return `the batch at ${at} has CRC ${crc(bytes, at)} but its bytes give ${computed}`
  }
  const countable = isCountable(bytes, at) && isCountable(bytes, at + AT_PRODUCER_ID)
  return countable ? undefined : `the batch at ${at} has an offset or producer id beyond 2^53`
}

/** @throws KafkaError CORRUPT_MESSAGE when `batchDamage` finds any. */
export function validateBatch(bytes: Uint8Array, at = 0): void {
  const damage = batchDamage(bytes, at)
  if (damage) throw new KafkaError('CORRUPT_MESSAGE', damage)
}

/** Whether the int64 at `at` lies within the safe integers. */
function isCountable(bytes: Uint8Array, at: number): boolean {
  const high = readInt32(bytes, at)
  return high < 0x20_0000 && high > -0x20_0000
}
