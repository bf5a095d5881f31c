import type { Logger } from '../kernel/logger.ts'
import { baseOffset } from '../records/batch.ts'
import { lastOffsetAt, leaderEpochAt, maxTimestampAt } from './batch-header.ts'
import type { FilePool } from './file-pool.ts'
import { fits, readIndexes } from './index-load.ts'
import type { LeaderEpochCache } from './leader-epoch-cache.ts'
import type { Segment } from './segment.ts'
import { SegmentIndexes } from './segment-indexes.ts'
import { type ScanResult, scanBatches } from './segment-scan.ts'

export interface RecoveryOptions {
  readonly files: FilePool
  readonly logger: Logger
  readonly leaderEpochs: LeaderEpochCache
  readonly indexIntervalBytes: number
  /** Everything below was synced and is taken as it is; Infinity after a clean shutdown. */
  readonly recoveryPoint: number
  /** Where the next segment begins, Infinity for the last one. A batch that reaches it was cut off
   *  once, and has come back with a power cut. */
  readonly limitOffset: number
}

/** What recovery made of one segment. */
export interface RecoveredSegment {
  /** Behind its last batch. */
  readonly nextOffset: number
  /** Bytes that were cut off its end. */
  readonly cutBytes: number
}

/**
 * Brings a segment and its indexes into agreement: finds its end, cuts what is no whole, intact batch
 * behind the recovery point, and completes the indexes. Only what lies past the last trusted index
 * entry is read. The segment is left open for appends.
 */
export async function recoverSegment(
  segment: Segment,
  options: RecoveryOptions,
): Promise<RecoveredSegment> {
  const fileBytes = segment.log.get().sizeBytes()
  const { indexes } = await readIndexes(segment.indexedLog(fileBytes))
  const slot = trustedSlot(segment, indexes, options.recoveryPoint)
  let result = await scanFrom(segment, indexes, slot, fileBytes, options)
  if (result.damage !== undefined && slot >= 0 && result.end === indexes.offsets.positionAt(slot)) {
    result = await scanFrom(
      segment,
      SegmentIndexes.empty(segment.baseOffset),
      -1,
      fileBytes,
      options,
    )
  }
  const cutBytes = fileBytes - result.end
  if (cutBytes > 0) {
    const { nextOffset, damage: reason } = result
    segment.log.get().truncate(result.end)
    options.logger.warn(
      { file: segment.log.path, offset: nextOffset, cutBytes, reason },
      'Cut the damaged end of a log.',
    )
  }
  segment.transactions.truncateTo(result.nextOffset)
  segment.saveIndexes()
  return { nextOffset: result.nextOffset, cutBytes }
}

/**
 * The last index entry from which a scan may start: it lies below the recovery point, points to a
 * batch, and the time index covers what is in front of it. -1: start at the beginning.
 */
function trustedSlot(segment: Segment, indexes: SegmentIndexes, recoveryPoint: number): number {
  const { offsets, times } = indexes
  let slot = offsets.count - 1
  if (recoveryPoint !== Number.POSITIVE_INFINITY) {
    const covered = times.count > 0 ? times.last.offset : Number.POSITIVE_INFINITY
    slot = offsets.floor(Math.min(recoveryPoint - 1, covered))
  }
  while (slot >= 0 && !fits(segment.log.get(), offsets, slot)) slot--
  return slot
}

/** Books all batches from the slot on into the segment, until the end or the first damage. */
async function scanFrom(
  segment: Segment,
  indexes: SegmentIndexes,
  slot: number,
  end: number,
  options: RecoveryOptions,
): Promise<ScanResult> {
  const { offsets } = indexes
  const start = slot < 0 ? 0 : offsets.positionAt(slot)
  const minOffset = slot <= 0 ? segment.baseOffset : offsets.offsetAt(slot - 1) + 1
  indexes.truncateTo(slot < 0 ? segment.baseOffset : offsets.offsetAt(slot) + 1)
  segment.reopen(indexes, start)
  const { log: file } = segment
  const { recoveryPoint: checksumsFrom, limitOffset, indexIntervalBytes } = options
  const { buffers } = options.files
  return scanBatches(
    { file, buffers, start, end, minOffset, limitOffset, checksumsFrom },
    (bytes, at, _position, sizeBytes) => {
      const timestamp = maxTimestampAt(bytes, at)
      segment.add(sizeBytes, lastOffsetAt(bytes, at), timestamp, indexIntervalBytes)
      assignEpoch(options.leaderEpochs, leaderEpochAt(bytes, at), baseOffset(bytes, at))
      return true
    },
  )
}

function assignEpoch(leaderEpochs: LeaderEpochCache, epoch: number, startOffset: number): void {
  if (epoch >= 0 && epoch > (leaderEpochs.latest?.epoch ?? -1)) {
    leaderEpochs.assign(epoch, startOffset)
  }
}
