import { crc32 } from 'node:zlib'
import { readInt64, readUint32 } from '../kernel/bytes.ts'
import {
  baseOffset,
  batchDamage,
  CURRENT_MAGIC,
  lastOffset,
  leaderEpoch,
  magic,
  maxTimestamp,
  nextBatchSize,
  producerId,
} from '../records/batch.ts'

/**
 * The fields of a batch that the log works with, for every format it can hold: v2 batches, and the
 * messages (v0, v1) that old brokers left in their segments, where a compressed wrapper counts as
 * one batch whose offset is that of its last record. All take a whole batch at `at`.
 */

const LEGACY_CRC_AT = 12
const LEGACY_CRC_FROM = 16
const V1_TIMESTAMP_AT = 18

/** Enough bytes to read every field below, of every format. */
export const HEADER_BYTES = 61

function isLegacy(bytes: Uint8Array, at: number): boolean {
  return magic(bytes, at) !== CURRENT_MAGIC
}

export function lastOffsetAt(bytes: Uint8Array, at: number): number {
  return isLegacy(bytes, at) ? baseOffset(bytes, at) : lastOffset(bytes, at)
}

/** -1 where the format has none. */
export function maxTimestampAt(bytes: Uint8Array, at: number): number {
  if (!isLegacy(bytes, at)) return maxTimestamp(bytes, at)
  return magic(bytes, at) === 0 ? -1 : readInt64(bytes, at + V1_TIMESTAMP_AT)
}

/** -1 where the format has none. */
export function leaderEpochAt(bytes: Uint8Array, at: number): number {
  return isLegacy(bytes, at) ? -1 : leaderEpoch(bytes, at)
}

/** Whether all numbers above are numbers: bytes whose checksum nobody has compared may hold any. */
export function hasCountableFields(bytes: Uint8Array, at: number): boolean {
  try {
    lastOffsetAt(bytes, at)
    maxTimestampAt(bytes, at)
    if (!isLegacy(bytes, at)) producerId(bytes, at)
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

/** What is wrong with the batch at `at`, as a sentence, or undefined. One pass over its bytes. */
export function damageAt(bytes: Uint8Array, at: number): string | undefined {
  const sizeBytes = nextBatchSize(bytes, at)
  if (sizeBytes <= 0 || !isLegacy(bytes, at)) return batchDamage(bytes, at)
  const computed = crc32(bytes.subarray(at + LEGACY_CRC_FROM, at + sizeBytes))
  const stored = readUint32(bytes, at + LEGACY_CRC_AT)
  if (computed === stored) return undefined
  return `the message at ${at} has CRC ${stored} but its bytes give ${computed}`
}
