import { readInt32 } from '../kernel/bytes.ts'
import { baseOffset, DAMAGED, LOG_OVERHEAD_BYTES, nextBatchSize } from '../records/batch.ts'
import { damageAt, hasCountableFields, lastOffsetAt } from './batch-header.ts'
import type { PooledFile } from './file-pool.ts'
import type { ReadBuffers } from './read-buffers.ts'

/** Read at once: large enough that a disk streams, small enough to be pooled. */
const SCAN_BYTES = 4 * 1024 * 1024

export interface ScanOptions {
  readonly file: PooledFile
  readonly buffers: ReadBuffers
  /** A batch begins here, unless this is `end`. */
  readonly start: number
  readonly end: number
  /** No batch may begin below this offset. */
  readonly minOffset: number
  /** No batch may reach this offset; none given: any may. */
  readonly limitOffset?: number
  /** Checksums are compared in batches that reach this offset. Sizes, formats and the order of
   *  offsets are looked at in all. */
  readonly checksumsFrom: number
}

/** How far a scan came, and why it did not come to the end. */
export interface ScanResult {
  /** Behind the last good batch. */
  readonly end: number
  /** Behind the last good batch; the `minOffset` asked for without one. */
  readonly nextOffset: number
  readonly damage: string | undefined
}

/** Told of every good batch: the bytes it lies in, where in them, where in the file, its size. The
 *  bytes are reused after the call. Answers false to stop behind this batch. */
export type BatchVisitor = (
  bytes: Uint8Array,
  at: number,
  position: number,
  sizeBytes: number,
) => boolean

/** Goes through the batches of a segment file in order and ends at the first that is damaged, cut
 *  off, or out of order. */
export async function scanBatches(options: ScanOptions, visit: BatchVisitor): Promise<ScanResult> {
  let position = options.start
  let nextOffset = options.minOffset
  let wanted = SCAN_BYTES
  while (position < options.end) {
    const buffer = options.buffers.take(Math.min(wanted, options.end - position))
    try {
      const bytes = buffer.subarray(0, Math.min(buffer.length, options.end - position))
      const count = await options.file.with((file) => file.read(bytes, position))
      const walk = walkBatches(bytes.subarray(0, count), position, nextOffset, options, visit)
      position += walk.length
      nextOffset = walk.nextOffset
      if (walk.isStopped) return { end: position, nextOffset, damage: undefined }
      if (walk.damage !== undefined) return { end: position, nextOffset, damage: walk.damage }
      const left = options.end - position
      wanted = Math.max(SCAN_BYTES, walk.unfinishedBytes)
      const isCutOff = count < bytes.length || walk.unfinishedBytes > left
      if (left > 0 && (isCutOff || bytes.length >= left + walk.length)) {
        return { end: position, nextOffset, damage: `the batch at ${position} is cut off` }
      }
    } finally {
      options.buffers.give(buffer)
    }
  }
  return { end: position, nextOffset, damage: undefined }
}

interface Walk {
  readonly length: number
  readonly nextOffset: number
  readonly damage: string | undefined
  readonly isStopped: boolean
  /** Size of the batch that did not fit, 0 when its size is not in the bytes. */
  readonly unfinishedBytes: number
}

function walkBatches(
  bytes: Uint8Array,
  position: number,
  minOffset: number,
  { checksumsFrom, limitOffset = Number.POSITIVE_INFINITY }: ScanOptions,
  visit: BatchVisitor,
): Walk {
  let at = 0
  let nextOffset = minOffset
  const end = (damage: string | undefined, isStopped: boolean, unfinishedBytes: number): Walk => {
    return { length: at, nextOffset, damage, isStopped, unfinishedBytes }
  }
  for (;;) {
    const size = nextBatchSize(bytes, at)
    if (size === DAMAGED) return end(`no batch begins at ${position + at}`, false, 0)
    if (size <= 0) break
    const damage =
      disorderAt(bytes, at, nextOffset, limitOffset) ?? checkedAt(bytes, at, checksumsFrom)
    if (damage !== undefined) return end(`${damage} (from ${position})`, false, 0)
    const goOn = visit(bytes, at, position + at, size)
    nextOffset = lastOffsetAt(bytes, at) + 1
    at += size
    if (goOn === false) return end(undefined, true, 0)
  }
  const knowsSize = at + LOG_OVERHEAD_BYTES <= bytes.length
  return end(undefined, false, knowsSize ? LOG_OVERHEAD_BYTES + readInt32(bytes, at + 8) : 0)
}

function checkedAt(bytes: Uint8Array, at: number, checksumsFrom: number): string | undefined {
  return lastOffsetAt(bytes, at) >= checksumsFrom ? damageAt(bytes, at) : undefined
}

/** Offsets that go back or too far, or that are none. */
function disorderAt(
  bytes: Uint8Array,
  at: number,
  minOffset: number,
  limitOffset: number,
): string | undefined {
  if (!hasCountableFields(bytes, at)) return `the batch at ${at} has a number beyond 2^53`
  const first = baseOffset(bytes, at)
  const last = lastOffsetAt(bytes, at)
  if (first >= minOffset && last >= first && last < limitOffset) return undefined
  const range = `[${minOffset}, ${limitOffset})`
  return `the batch at ${at} has offsets ${first} to ${last}, not in ${range}`
}
