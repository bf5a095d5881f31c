import { KafkaError } from '../protocol/errors.ts'
import { baseOffset, CURRENT_MAGIC, magic } from '../records/batch.ts'
import { openRecords } from '../records/records.ts'
import { damageAt, lastOffsetAt, leaderEpochAt, maxTimestampAt } from './batch-header.ts'
import type { SegmentReader } from './log-read.ts'
import type { Segment } from './segment.ts'
import { scanBatches } from './segment-scan.ts'
import { NO_TIMESTAMP, type TimestampOffset } from './time-index.ts'

/** The most that a batch may become when a record in it is looked for. */
const MAX_DECOMPRESSED_BYTES = 256 * 1024 * 1024

/** A place in the log, as ListOffsets answers it. */
export interface OffsetAndTimestamp {
  readonly offset: number
  /** Of the record there, -1 when the question was not for a record. */
  readonly timestamp: number
  /** Of the leader that wrote it, undefined when the log does not say. */
  readonly leaderEpoch: number | undefined
}

/** One batch that the search came upon, in memory of its own. */
interface FoundBatch {
  readonly bytes: Uint8Array
  readonly position: number
}

/**
 * The first record at or behind `startOffset` whose timestamp is not below `timestamp`, wherever in
 * the log newer records may stand. undefined when there is none.
 * @throws KafkaError CORRUPT_MESSAGE when the batch that should hold it is damaged.
 * Reads one index entry's worth of one segment as a rule; more where timestamps are out of order.
 */
export async function findByTimestamp(
  reader: SegmentReader,
  timestamp: number,
  startOffset: number,
): Promise<OffsetAndTimestamp | undefined> {
  for (const segment of reader.segments) {
    if ((await newestOf(reader, segment)).timestamp < timestamp) continue
    const { offsets, times } = await segment.loadIndexes(reader.indexIntervalBytes)
    const indexed = times.floor(timestamp).offset
    let position = offsets.positionFor(Math.max(indexed, startOffset))
    for (;;) {
      const found = await nextBatch(reader, segment, position, (bytes, at) => {
        const isNew = maxTimestampAt(bytes, at) >= timestamp
        return isNew && lastOffsetAt(bytes, at) >= startOffset
      })
      if (found === undefined) break
      const record = await firstRecord(found.bytes, startOffset, (time) => time >= timestamp)
      if (record !== undefined) return record
      position = found.position + found.bytes.length
    }
  }
  return undefined
}

/** The first record that bears the largest timestamp of the log (KIP-734). undefined when no record
 *  has a timestamp. */
export async function findNewest(reader: SegmentReader): Promise<OffsetAndTimestamp | undefined> {
  let holder: Segment | undefined
  let newest: TimestampOffset = { timestamp: NO_TIMESTAMP, offset: 0 }
  for (const segment of reader.segments) {
    const candidate = await newestOf(reader, segment)
    if (candidate.timestamp <= newest.timestamp) continue
    holder = segment
    newest = candidate
  }
  if (holder === undefined) return undefined
  const { timestamp, offset } = newest
  const { offsets } = await holder.loadIndexes(reader.indexIntervalBytes)
  const start = offsets.positionFor(offset)
  const found = await nextBatch(reader, holder, start, (bytes, at) => {
    return maxTimestampAt(bytes, at) === timestamp
  })
  return found && firstRecord(found.bytes, 0, (time) => time === timestamp)
}

/** The newest record of a segment, by its indexes where the file has none to say. */
async function newestOf(reader: SegmentReader, segment: Segment): Promise<TimestampOffset> {
  if (segment.newest.timestamp >= 0 || segment.sizeBytes === 0) return segment.newest
  return (await segment.loadIndexes(reader.indexIntervalBytes)).newest
}

/** The first batch from `position` on that is wanted. @throws KafkaError CORRUPT_MESSAGE */
async function nextBatch(
  reader: SegmentReader,
  segment: Segment,
  position: number,
  isWanted: (bytes: Uint8Array, at: number) => boolean,
): Promise<FoundBatch | undefined> {
  let found: FoundBatch | undefined
  const range = {
    file: segment.log,
    buffers: reader.files.buffers,
    start: position,
    end: reader.writtenBytes(segment),
    minOffset: segment.baseOffset,
    checksumsFrom: Number.POSITIVE_INFINITY,
  }
  await scanBatches(range, (bytes, at, foundAt, sizeBytes) => {
    if (!isWanted(bytes, at)) return true
    const damage = damageAt(bytes, at)
    if (damage !== undefined) throw new KafkaError('CORRUPT_MESSAGE', damage)
    found = { bytes: bytes.slice(at, at + sizeBytes), position: foundAt }
    return false
  })
  return found
}

/** The first record of a batch from `startOffset` on with a timestamp that is wanted. A message of an
 *  old format answers for itself: its offset is that of its last record. */
async function firstRecord(
  bytes: Uint8Array,
  startOffset: number,
  isWanted: (timestamp: number) => boolean,
): Promise<OffsetAndTimestamp | undefined> {
  if (magic(bytes) !== CURRENT_MAGIC) {
    return {
      offset: baseOffset(bytes),
      timestamp: maxTimestampAt(bytes, 0),
      leaderEpoch: undefined,
    }
  }
  const records = await openRecords(bytes, 0, MAX_DECOMPRESSED_BYTES)
  while (records.next()) {
    const { offset, timestamp } = records
    if (offset < startOffset || !isWanted(timestamp)) continue
    const epoch = leaderEpochAt(bytes, 0)
    return { offset, timestamp, leaderEpoch: epoch < 0 ? undefined : epoch }
  }
  return undefined
}
