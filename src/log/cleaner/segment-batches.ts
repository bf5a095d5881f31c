import { readInt32 } from '../../kernel/bytes.ts'
import { KafkaError } from '../../protocol/errors.ts'
import { DAMAGED, LOG_OVERHEAD_BYTES, nextBatchSize } from '../../records/batch.ts'
import { damageAt, hasCountableFields, lastOffsetAt } from '../batch-header.ts'
import type { FilePool } from '../file-pool.ts'
import type { Segment } from '../segment.ts'

/** Some whole batches of a segment. The bytes are used again when the next ones are asked for. */
export interface BatchRun {
  readonly bytes: Uint8Array
  readonly sizeBytes: number
}

export interface RunsOptions {
  readonly files: FilePool
  readonly segment: Segment
  /** Where a batch begins. */
  readonly start: number
  /** Read at once. A larger batch is read as a whole. */
  readonly bufferBytes: number
  /** Called before each read. */
  readonly beforeRead: (sizeBytes: number) => Promise<void>
}

/**
 * The batches of a closed segment, run by run, each checked as a reader would: what a disk has spoiled
 * must not be written anew under a right checksum.
 * @throws KafkaError CORRUPT_MESSAGE where a batch is damaged, out of order or cut off.
 */
export async function* batchRuns(options: RunsOptions): AsyncGenerator<BatchRun> {
  const { files, segment, bufferBytes } = options
  const end = segment.sizeBytes
  let position = options.start
  let wanted = bufferBytes
  let minOffset = segment.baseOffset
  while (position < end) {
    const size = Math.min(wanted, end - position)
    await options.beforeRead(size)
    const buffer = files.buffers.take(size)
    try {
      const into = buffer.subarray(0, size)
      const count = await segment.log.with((file) => file.read(into, position))
      const bytes = into.subarray(0, count)
      const run = wholeBatches(bytes, minOffset, segment, position)
      const isCutOff = run.neededBytes <= size || run.neededBytes > end - position
      if (run.sizeBytes === 0 && isCutOff) throw damaged(segment, position, 'it is cut off')
      if (run.sizeBytes > 0) yield { bytes, sizeBytes: run.sizeBytes }
      position += run.sizeBytes
      minOffset = run.nextOffset
      wanted = Math.max(bufferBytes, run.neededBytes)
    } finally {
      files.buffers.give(buffer)
    }
  }
}

function wholeBatches(bytes: Uint8Array, minOffset: number, segment: Segment, position: number) {
  let at = 0
  let nextOffset = minOffset
  for (;;) {
    const size = nextBatchSize(bytes, at)
    if (size === DAMAGED) throw damaged(segment, position + at, 'no batch begins there')
    if (size <= 0) break
    const damage = hasCountableFields(bytes, at) ? damageAt(bytes, at) : 'a number beyond 2^53'
    if (damage !== undefined) throw damaged(segment, position, damage)
    const lastOffset = lastOffsetAt(bytes, at)
    if (lastOffset < nextOffset) {
      throw damaged(segment, position + at, `offset ${lastOffset} comes behind ${nextOffset}`)
    }
    nextOffset = lastOffset + 1
    at += size
  }
  const knowsSize = at + LOG_OVERHEAD_BYTES <= bytes.length
  const neededBytes = knowsSize ? LOG_OVERHEAD_BYTES + readInt32(bytes, at + 8) : 0
  return { sizeBytes: at, nextOffset, neededBytes }
}

function damaged(segment: Segment, position: number, what: string): KafkaError {
  const where = `segment ${segment.baseOffset} at ${position}`
  return new KafkaError('CORRUPT_MESSAGE', `${where}: ${what}`)
}
