/** Record batches made and read here, apart from the product's own code: every header field can be set,
 *  also to what no client would send. Uncompressed, format 2. */

import { crc32c } from '@node-rs/crc32'

const headerBytes = 61

/** A record of a batch. Absent: null. */
export interface BatchRecord {
  readonly key?: string | Buffer | null
  readonly value?: string | Buffer | null
  /** Ms after the first timestamp of the batch. */
  readonly timestampDelta?: number
  readonly offsetDelta?: number
}

/** Header fields that a test wants otherwise than they would be. */
export interface BatchOverrides {
  readonly baseOffset?: number
  readonly length?: number
  readonly leaderEpoch?: number
  readonly magic?: number
  readonly crc?: number
  readonly attributes?: number
  readonly lastOffsetDelta?: number
  readonly firstTimestampMs?: number
  readonly maxTimestampMs?: number
  readonly producerId?: number
  readonly producerEpoch?: number
  readonly baseSequence?: number
  readonly count?: number
  /** Stands in the place of the records. */
  readonly body?: Buffer
}

/** One batch as a producer would send it, but for what `overrides` say. */
export function batchOf(records: readonly BatchRecord[], overrides: BatchOverrides = {}): Buffer {
  const { producerId = -1, producerEpoch = -1, baseSequence = -1 } = overrides
  const firstTimestampMs = overrides.firstTimestampMs ?? Date.now()
  const lastDelta = Math.max(0, ...records.map((r) => r.timestampDelta ?? 0))
  const body = overrides.body ?? Buffer.concat(records.map(recordOf))
  const batch = Buffer.alloc(headerBytes + body.length)
  body.copy(batch, headerBytes)
  batch.writeBigInt64BE(BigInt(overrides.baseOffset ?? 0), 0)
  batch.writeInt32BE(overrides.length ?? batch.length - 12, 8)
  batch.writeInt32BE(overrides.leaderEpoch ?? -1, 12)
  batch.writeInt8(overrides.magic ?? 2, 16)
  batch.writeInt16BE(overrides.attributes ?? 0, 21)
  batch.writeInt32BE(overrides.lastOffsetDelta ?? records.length - 1, 23)
  batch.writeBigInt64BE(BigInt(firstTimestampMs), 27)
  batch.writeBigInt64BE(BigInt(overrides.maxTimestampMs ?? firstTimestampMs + lastDelta), 35)
  batch.writeBigInt64BE(BigInt(producerId), 43)
  batch.writeInt16BE(producerEpoch, 51)
  batch.writeInt32BE(baseSequence, 53)
  batch.writeInt32BE(overrides.count ?? records.length, 57)
  batch.writeUInt32BE(overrides.crc ?? crc32c(batch.subarray(21)), 17)
  return batch
}

function recordOf(record: BatchRecord, index: number): Buffer {
  const content = Buffer.concat([
    Buffer.from([0]),
    varint(record.timestampDelta ?? 0),
    varint(record.offsetDelta ?? index),
    sized(record.key ?? null),
    sized(record.value ?? null),
    varint(0),
  ])
  return Buffer.concat([varint(content.length), content])
}

function sized(content: string | Buffer | null): Buffer {
  if (content === null) return varint(-1)
  const bytes = Buffer.from(content)
  return Buffer.concat([varint(bytes.length), bytes])
}

/** Zigzag and base 128; of whole numbers below 2^31 on either side. */
function varint(value: number): Buffer {
  let rest = ((value << 1) ^ (value >> 31)) >>> 0
  const bytes: number[] = []
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80)
  return Buffer.from([...bytes, rest])
}

/** What a read gives of a record. */
export interface ReadRecord {
  readonly offset: number
  readonly key: string | null
  readonly value: string | null
}

/** Reads whole uncompressed batches; a last one that is cut off is left out. @throws on a wrong CRC. */
export function readBatches(bytes: Uint8Array): ReadRecord[] {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const found: ReadRecord[] = []
  for (let at = 0; at + headerBytes <= data.length; ) {
    const end = at + 12 + data.readInt32BE(at + 8)
    if (end > data.length) break
    if (data.readUInt32BE(at + 17) !== crc32c(data.subarray(at + 21, end)))
      throw new Error(`the batch at offset ${data.readBigInt64BE(at)} has a wrong CRC`)
    const cursor = { data, at: at + headerBytes }
    const baseOffset = Number(data.readBigInt64BE(at))
    for (let count = data.readInt32BE(at + 57); count > 0; count--)
      found.push(readRecord(cursor, baseOffset))
    at = end
  }
  return found
}

interface Cursor {
  readonly data: Buffer
  at: number
}

function readRecord(cursor: Cursor, baseOffset: number): ReadRecord {
  const length = readVarint(cursor)
  const end = cursor.at + length
  cursor.at += 1
  readVarint(cursor)
  const offset = baseOffset + readVarint(cursor)
  const key = readSized(cursor)
  const value = readSized(cursor)
  cursor.at = end
  return { offset, key, value }
}

function readSized(cursor: Cursor): string | null {
  const size = readVarint(cursor)
  if (size < 0) return null
  cursor.at += size
  return cursor.data.toString('utf8', cursor.at - size, cursor.at)
}

function readVarint(cursor: Cursor): number {
  let raw = 0
  for (let scale = 1; ; scale *= 128) {
    const byte = cursor.data[cursor.at++] ?? 0
    raw += (byte & 0x7f) * scale
    if (byte < 0x80) return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2
  }
}
