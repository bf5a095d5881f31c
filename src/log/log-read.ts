import { KafkaError } from '../protocol/errors.ts'
import { baseOffset } from '../records/batch.ts'
import { type BatchCut, type BatchRange, cutBatches, intactPart } from './batch-cut.ts'
import type { FilePool } from './file-pool.ts'
import type { Segment } from './segment.ts'

/** The most that one read takes from a file, a single larger batch excepted. */
const MAX_READ_BYTES = 4 * 1024 * 1024
/** Read in front of what is asked for: an index entry points up to `index.interval.bytes` and one
 *  batch before the offset. */
const SLACK_BYTES = 16 * 1024

/** Whole batches, ready to be sent. */
export interface ReadResult {
  /** Not to be changed, and not to be looked at after `release`. */
  readonly chunks: readonly Uint8Array[]
  readonly sizeBytes: number
  /** Of the first batch, which may begin before the offset asked for; that offset without a batch. */
  readonly firstBatchBaseOffset: number
  /** Behind the last batch: where the next read goes on. */
  readonly nextOffset: number
  /** Gives the buffers back, once they have been sent. Does nothing the second time. */
  release(): void
}

export function emptyRead(offset: number): ReadResult {
  return resultOf([], offset, () => {})
}

/** @param nextOffset behind the last batch; what was asked for without one. */
export function resultOf(
  chunks: readonly Uint8Array[],
  nextOffset: number,
  release: () => void,
): ReadResult {
  let sizeBytes = 0
  for (const chunk of chunks) sizeBytes += chunk.length
  const first = chunks[0]
  const firstBatchBaseOffset = first === undefined ? nextOffset : baseOffset(first)
  return { chunks, sizeBytes, firstBatchBaseOffset, nextOffset, release }
}

/** The segments of a log as far as a read needs them. */
export interface SegmentReader {
  readonly files: FilePool
  readonly indexIntervalBytes: number
  /** From the one that may hold the offset on. */
  readonly segments: readonly Segment[]
  /** How much of the file of a segment holds batches. */
  writtenBytes(segment: Segment): number
}

/**
 * Reads batches of a range from the files: those of one segment, in one read of a pooled buffer as a
 * rule. Their checksums are compared, so that what a disk has spoiled is never served.
 * @throws KafkaError CORRUPT_MESSAGE when the first batch of the range is damaged; the system's
 *   errors as they are.
 */
export async function readSegments(reader: SegmentReader, range: BatchRange): Promise<ReadResult> {
  for (const segment of reader.segments) {
    if (segment.baseOffset >= range.endOffset) break
    const found = await readSegment(reader, segment, range)
    if (found !== undefined) return found
  }
  return emptyRead(range.offset)
}

/** undefined when the segment has no batch at or behind the offset. */
async function readSegment(
  reader: SegmentReader,
  segment: Segment,
  range: BatchRange,
): Promise<ReadResult | undefined> {
  const isActive = segment === reader.segments.at(-1)
  const { offsets } = await segment.loadIndexes(reader.indexIntervalBytes)
  const position = offsets.positionFor(range.offset)
  if (isActive || position === 0) return readFrom(reader, segment, position, range)
  try {
    const found = await readFrom(reader, segment, position, range)
    if (found === undefined || found.firstBatchBaseOffset <= range.offset) return found
    found.release()
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error
  }
  // The index may have led to a wrong place. Made again from the log it leads to the right one.
  const rebuilt = await segment.rebuildIndexes(reader.indexIntervalBytes)
  return readFrom(reader, segment, rebuilt.offsets.positionFor(range.offset), range)
}

async function readFrom(
  reader: SegmentReader,
  segment: Segment,
  start: number,
  range: BatchRange,
): Promise<ReadResult | undefined> {
  const maxBytes = Math.min(range.maxBytes, MAX_READ_BYTES)
  const end = reader.writtenBytes(segment)
  let position = start
  let wanted = maxBytes + SLACK_BYTES
  while (position < end) {
    const buffer = reader.files.buffers.take(Math.min(wanted, end - position))
    let cut: BatchCut | undefined
    try {
      const bytes = buffer.subarray(0, Math.min(wanted, end - position))
      const count = await segment.log.with((file) => file.read(bytes, position))
      const read = bytes.subarray(0, count)
      cut = cutBatches(read, 0, { ...range, maxBytes })
      if (cut.end > cut.start) {
        const { start: from, end: to, nextOffset } = intactPart(read, cut)
        const chunk = read.subarray(from, to)
        return resultOf([chunk], nextOffset, giveOnce(reader.files, buffer))
      }
    } catch (error) {
      reader.files.buffers.give(buffer)
      throw error
    }
    reader.files.buffers.give(buffer)
    if (cut.isLimited) return emptyRead(range.offset)
    position += cut.start
    if (position === end) return undefined
    if (cut.unfinishedBytes > maxBytes && !range.minOneBatch) return emptyRead(range.offset)
    if (
      cut.unfinishedBytes > end - position ||
      (cut.start === 0 && cut.unfinishedBytes <= wanted)
    ) {
      const file = `${segment.baseOffset} at ${position}`
      throw new KafkaError('CORRUPT_MESSAGE', `a batch in segment ${file} is cut off`)
    }
    wanted = Math.max(wanted, cut.unfinishedBytes)
  }
  return undefined
}

function giveOnce(files: FilePool, buffer: Uint8Array): () => void {
  let isGiven = false
  return () => {
    if (isGiven) return
    isGiven = true
    files.buffers.give(buffer)
  }
}
