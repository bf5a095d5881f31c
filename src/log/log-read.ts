import { KafkaError } from '../protocol/errors.ts'
import { baseOffset, DAMAGED, nextBatchSize } from '../records/batch.ts'
import { type BatchRange, cutBatches, intactPart } from './batch-cut.ts'
import { HEADER_BYTES, hasCountableFields } from './batch-header.ts'
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
  const { offsets } = await segment.loadIndexes(reader.indexIntervalBytes)
  const position = offsets.positionFor(range.offset)
  const found = await readFrom(reader, segment, position, range)
  if (found !== 'misled') return found
  // The index was wrong. Made again from the log it is right; that of the active segment is made
  // again once the segment is closed, until then it is passed by.
  const isActive = segment === reader.segments.at(-1)
  const rebuilt = isActive ? undefined : await segment.rebuildIndexes(reader.indexIntervalBytes)
  const start = rebuilt?.offsets.positionFor(range.offset) ?? 0
  const again = await readFrom(reader, segment, start, range)
  if (again !== 'misled') return again
  throw new KafkaError('CORRUPT_MESSAGE', `segment ${segment.baseOffset} is damaged at ${start}`)
}

/** `misled` when no batch begins at `start` from which the offset can be reached. */
async function readFrom(
  reader: SegmentReader,
  segment: Segment,
  start: number,
  range: BatchRange,
): Promise<ReadResult | undefined | 'misled'> {
  const maxBytes = Math.min(range.maxBytes, MAX_READ_BYTES)
  const end = reader.writtenBytes(segment)
  let position = start
  let wanted = maxBytes + SLACK_BYTES
  while (position < end) {
    const { buffer, bytes } = await readBytes(
      reader,
      segment,
      position,
      Math.min(wanted, end - position),
    )
    let taken = false
    try {
      if (position === start && start > 0 && !leadsTo(bytes, range.offset)) return 'misled'
      const cut = cutBatches(bytes, 0, { ...range, maxBytes })
      if (cut.end > cut.start) {
        const { start: from, end: to, nextOffset } = intactPart(bytes, cut)
        taken = true
        return resultOf([bytes.subarray(from, to)], nextOffset, giveOnce(reader.files, buffer))
      }
      if (cut.isLimited) return emptyRead(range.offset)
      position += cut.start
      if (position === end) return undefined
      if (cut.unfinishedBytes > maxBytes && !range.minOneBatch) return emptyRead(range.offset)
      const isCutOff = cut.unfinishedBytes > end - position
      if (isCutOff || (cut.start === 0 && cut.unfinishedBytes <= bytes.length)) {
        const where = `segment ${segment.baseOffset} at ${position}`
        throw new KafkaError('CORRUPT_MESSAGE', `the batch in ${where} is cut off`)
      }
      wanted = Math.max(wanted, cut.unfinishedBytes)
    } finally {
      if (!taken) reader.files.buffers.give(buffer)
    }
  }
  return undefined
}

/** Reads `sizeBytes` into a pooled buffer, which the caller gives back. */
async function readBytes(
  { files }: SegmentReader,
  segment: Segment,
  position: number,
  sizeBytes: number,
): Promise<{ readonly buffer: Uint8Array; readonly bytes: Uint8Array }> {
  const buffer = files.buffers.take(sizeBytes)
  try {
    const into = buffer.subarray(0, sizeBytes)
    const count = await segment.log.with((file) => file.read(into, position))
    return { buffer, bytes: into.subarray(0, count) }
  } catch (error) {
    files.buffers.give(buffer)
    throw error
  }
}

/** Whether a batch begins here that is not already behind the offset. */
function leadsTo(bytes: Uint8Array, offset: number): boolean {
  if (bytes.length < HEADER_BYTES) return nextBatchSize(bytes, 0) > 0
  if (nextBatchSize(bytes, 0) === DAMAGED || !hasCountableFields(bytes, 0)) return false
  return baseOffset(bytes) <= offset
}

function giveOnce(files: FilePool, buffer: Uint8Array): () => void {
  let isGiven = false
  return () => {
    if (isGiven) return
    isGiven = true
    files.buffers.give(buffer)
  }
}
