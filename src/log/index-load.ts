import type { DiskFile } from '../kernel/environment.ts'
import { baseOffset, CURRENT_MAGIC, magic } from '../records/batch.ts'
import { HEADER_BYTES, hasCountableFields, lastOffsetAt, maxTimestampAt } from './batch-header.ts'
import type { FilePool, PooledFile } from './file-pool.ts'
import { OFFSET_ENTRY_BYTES, OffsetIndex } from './offset-index.ts'
import { type IndexPaths, SegmentIndexes } from './segment-indexes.ts'
import { scanBatches } from './segment-scan.ts'
import { TIME_ENTRY_BYTES, TimeIndex } from './time-index.ts'

/** An offset index that leaves more of its log uncovered is made again: every look-up would have to
 *  read that much. Larger than batches usually are. */
const LARGEST_GAP_BYTES = 16 * 1024 * 1024

/** A segment as far as its indexes are concerned. */
export interface IndexedLog {
  readonly files: FilePool
  readonly log: PooledFile
  readonly paths: IndexPaths
  readonly baseOffset: number
  readonly sizeBytes: number
}

/** What the index files hold, and whether it is all of them and agrees with the log. */
export interface StoredIndexes {
  readonly indexes: SegmentIndexes
  /** Why they must be made again, undefined when they need not. */
  readonly damage: string | undefined
}

/** Reads the index files as far as they make sense; absent ones read as empty and damaged. */
export async function readIndexes(segment: IndexedLog): Promise<StoredIndexes> {
  const [offsetBytes, timeBytes] = await Promise.all([
    readWhole(segment, segment.paths.offsets),
    readWhole(segment, segment.paths.times),
  ])
  const none = new Uint8Array(0)
  const offsets = OffsetIndex.parse(offsetBytes ?? none, segment.baseOffset, segment.sizeBytes)
  const times = TimeIndex.parse(timeBytes ?? none, segment.baseOffset)
  const indexes = new SegmentIndexes(offsets, times)
  if (!offsetBytes || !timeBytes) return { indexes, damage: 'an index file is missing' }
  if (offsets.count * OFFSET_ENTRY_BYTES !== offsetBytes.length) {
    return { indexes, damage: 'the offset index has entries that cannot be' }
  }
  if (times.count * TIME_ENTRY_BYTES !== timeBytes.length) {
    return { indexes, damage: 'the time index has entries that cannot be' }
  }
  if (times.count === 0 && hasTimestamps(segment)) {
    return { indexes, damage: 'the time index is empty' }
  }
  const lastSlot = offsets.count - 1
  const covered = lastSlot < 0 ? 0 : offsets.positionAt(lastSlot)
  if (segment.sizeBytes - covered > LARGEST_GAP_BYTES) {
    return { indexes, damage: 'the offset index ends long before the log' }
  }
  if (lastSlot >= 0 && !fits(segment.log.get(), offsets, lastSlot)) {
    return { indexes, damage: 'the offset index does not fit the log' }
  }
  return { indexes, damage: undefined }
}

/** Makes both indexes of a closed segment from its batches. Batches are not judged here: those that
 *  cannot be walked over end the indexes, and whoever reads that far is told. */
export async function rebuildIndexes(
  segment: IndexedLog,
  intervalBytes: number,
): Promise<SegmentIndexes> {
  const indexes = SegmentIndexes.empty(segment.baseOffset)
  const options = {
    file: segment.log,
    buffers: segment.files.buffers,
    start: 0,
    end: segment.sizeBytes,
    minOffset: segment.baseOffset,
    checksumsFrom: Number.POSITIVE_INFINITY,
  }
  await scanBatches(options, (bytes, at, position, sizeBytes) => {
    const lastOffset = lastOffsetAt(bytes, at)
    const maxTimestamp = maxTimestampAt(bytes, at)
    indexes.book({ position, sizeBytes, lastOffset, maxTimestamp }, intervalBytes)
    return true
  })
  indexes.complete()
  return indexes
}

/** By the first batch. A closed segment with timestamps has at least one entry in its time index. */
function hasTimestamps(segment: IndexedLog): boolean {
  const header = segment.sizeBytes > 0 ? headerAt(segment.log.get(), 0) : undefined
  return header !== undefined && maxTimestampAt(header, 0) >= 0
}

/** Whether a batch that can have the offset of an index entry begins at its position. */
export function fits(log: DiskFile, offsets: OffsetIndex, slot: number): boolean {
  const header = headerAt(log, offsets.positionAt(slot))
  if (header === undefined) return false
  const previous = slot === 0 ? -1 : offsets.offsetAt(slot - 1)
  return baseOffset(header, 0) <= offsets.offsetAt(slot) && lastOffsetAt(header, 0) > previous
}

/** The first bytes of the batch at `position`, enough for its fields; undefined where none can be. */
export function headerAt(log: DiskFile, position: number): Uint8Array | undefined {
  const header = new Uint8Array(HEADER_BYTES)
  const count = log.readSync(header, position)
  const isWhole = count === HEADER_BYTES || (count >= 26 && magic(header, 0) < 2)
  const isKnown = magic(header, 0) >= 0 && magic(header, 0) <= CURRENT_MAGIC
  return isWhole && isKnown && hasCountableFields(header, 0) ? header : undefined
}

async function readWhole(segment: IndexedLog, path: string): Promise<Uint8Array | undefined> {
  const { disk } = segment.files
  if (disk.stat(path) === undefined) return undefined
  const file = disk.open(path, 'read')
  try {
    const bytes = new Uint8Array(file.sizeBytes())
    const count = await file.read(bytes, 0)
    return bytes.subarray(0, count)
  } finally {
    file.close()
  }
}
