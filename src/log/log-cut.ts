import { lastOffsetAt, maxTimestampAt } from './batch-header.ts'
import type { FilePool } from './file-pool.ts'
import type { Segment } from './segment.ts'
import type { SegmentIndexes } from './segment-indexes.ts'
import { scanBatches } from './segment-scan.ts'
import type { TimestampOffset } from './time-index.ts'

/** Where a segment has to be cut. */
export interface SegmentCut {
  /** Of the segment, as they are before the cut. */
  readonly indexes: SegmentIndexes
  /** Where the first batch that goes begins. */
  readonly position: number
  /** The newest record of what stays. */
  readonly newest: TimestampOffset
}

/** Finds where a segment has to be cut so that it ends before `offset`: a batch that reaches it goes
 *  as a whole. Reads from the last index entries in front of the cut on. */
export async function findCut(
  files: FilePool,
  segment: Segment,
  offset: number,
  indexIntervalBytes: number,
): Promise<SegmentCut> {
  const indexes = await segment.loadIndexes(indexIntervalBytes)
  const { offsets, times } = indexes
  let newest = times.lastBelow(offset)
  const start = Math.min(offsets.positionFor(newest.offset), offsets.positionFor(offset - 1))
  let position = segment.sizeBytes
  const range = {
    file: segment.log,
    buffers: files.buffers,
    start,
    end: segment.sizeBytes,
    minOffset: segment.baseOffset,
    checksumsFrom: Number.POSITIVE_INFINITY,
  }
  await scanBatches(range, (bytes, at, foundAt) => {
    const lastOffset = lastOffsetAt(bytes, at)
    if (lastOffset >= offset) {
      position = foundAt
      return false
    }
    const timestamp = maxTimestampAt(bytes, at)
    if (timestamp > newest.timestamp) newest = { timestamp, offset: lastOffset }
    return true
  })
  return { indexes, position, newest }
}
