import { baseOffset } from '../records/batch.ts'
import { lastOffsetAt, maxTimestampAt } from './batch-header.ts'
import type { FilePool } from './file-pool.ts'
import { producerFactsAt } from './producer-facts.ts'
import type { ProducerSnapshots } from './producer-snapshot.ts'
import type { ProducerState } from './producer-state.ts'
import type { Segment } from './segment.ts'
import type { SegmentList } from './segment-list.ts'
import { scanBatches } from './segment-scan.ts'

export interface RebuildOptions {
  readonly files: FilePool
  readonly segments: SegmentList
  readonly producers: ProducerState
  readonly snapshots: ProducerSnapshots
  readonly logStartOffset: number
  readonly logEndOffset: number
  /** Snapshots behind it are not used: the transaction indexes behind it have to be made again too. */
  readonly newestSnapshot: number
  /** After a clean shutdown a log without snapshots has no producers. Kafka's does not either. */
  readonly cleanShutdown: boolean
  readonly indexIntervalBytes: number
  readonly nowMs: number
}

/**
 * Makes the producer state of a log: the newest usable snapshot, then the headers of all batches
 * behind it. Aborted transactions found on the way go into the transaction indexes that lack them.
 * Ends with a snapshot at the log end, so that the next start need not do it again.
 */
export async function rebuildProducers(options: RebuildOptions): Promise<void> {
  const { producers, snapshots, segments, logStartOffset, logEndOffset, nowMs } = options
  snapshots.removeStray(segments.all.map((segment) => segment.baseOffset))
  const newest = Math.min(options.newestSnapshot, logEndOffset)
  const restored = snapshots.restore(logStartOffset, newest)
  if (restored === undefined && options.cleanShutdown) {
    producers.reset(logEndOffset, [], nowMs)
  } else {
    producers.reset(restored?.offset ?? logStartOffset, restored?.entries ?? [], nowMs)
    await applyBatches(options)
    producers.advanceTo(logEndOffset)
  }
  if (logEndOffset > 0) snapshots.write(logEndOffset, producers, nowMs, false)
}

async function applyBatches(options: RebuildOptions): Promise<void> {
  const { producers, snapshots, segments, logEndOffset } = options
  const from = producers.endOffset
  const lastBases = segments.all.slice(-2).map((segment) => segment.baseOffset)
  for (const segment of segments.all.slice(Math.max(0, segments.floor(from)))) {
    if (from >= logEndOffset) return
    if (lastBases.includes(segment.baseOffset) && segment.baseOffset > from) {
      producers.advanceTo(segment.baseOffset)
      snapshots.write(segment.baseOffset, producers, options.nowMs, false)
    }
    await applySegment(segment, from, options)
  }
}

async function applySegment(segment: Segment, from: number, options: RebuildOptions) {
  const { files, producers, nowMs } = options
  const { offsets } = await segment.loadIndexes(options.indexIntervalBytes)
  let lastAborted = segment.transactions.entries().at(-1)?.lastOffset ?? -1
  const range = {
    file: segment.log,
    buffers: files.buffers,
    start: offsets.positionFor(from),
    end: segment.sizeBytes,
    minOffset: 0,
    checksumsFrom: Number.POSITIVE_INFINITY,
  }
  await scanBatches(range, (bytes, at) => {
    const lastOffset = lastOffsetAt(bytes, at)
    const facts = lastOffset < from ? undefined : producerFactsAt(bytes, at)
    if (facts === undefined) return true
    const maxTimestamp = maxTimestampAt(bytes, at)
    const span = { baseOffset: baseOffset(bytes, at), lastOffset, maxTimestamp }
    const ended = producers.update(facts, span, nowMs)
    if (ended && !ended.committed && lastOffset > lastAborted) {
      const { committed: _, ...aborted } = ended
      segment.transactions.append(aborted)
      lastAborted = lastOffset
    }
    return true
  })
}
