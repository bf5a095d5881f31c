import { assert } from '../../kernel/assert.ts'
import type { Random } from '../../kernel/environment.ts'
import { KafkaError } from '../../protocol/errors.ts'
import type { LogCore } from '../log-core.ts'
import { isSystemError } from '../log-directory-error.ts'
import * as names from '../log-files.ts'
import { segmentBytes } from '../log-types.ts'
import type { Segment } from '../segment.ts'
import type { LastOfProducer } from './batch-filter.ts'
import { Scratch } from './batch-rewrite.ts'
import { CleaningAbandoned, type CleaningMeans } from './cleaning-means.ts'
import { type CleaningPlan, planCleaning } from './cleaning-plan.ts'
import { KEY_HASH_SECRET_WORDS } from './key-hash.ts'
import { buildOffsetMap } from './map-building.ts'
import { OffsetMap } from './offset-map.ts'
import { type CleaningPass, cleanInto, newCleanedSegment } from './segment-cleaning.ts'
import { groupSegments } from './segment-groups.ts'
import { swapIn } from './segment-swap.ts'
import { TransactionFilter } from './transaction-filter.ts'

/** What one compaction did. */
export interface CleaningResult {
  /** The log is compacted up to here. */
  readonly cleanedTo: number
  readonly keys: number
  readonly bytesBefore: number
  readonly bytesAfter: number
}

/** What of a log is due now. */
export function planFor(log: LogCore): CleaningPlan {
  const { segments, logStartOffset, logEndOffset, cleanedTo, highWatermark, options } = log
  return planCleaning({
    segments: segments.all,
    logStartOffset,
    logEndOffset,
    lastStableOffset: Math.min(highWatermark, log.producers.firstUnstableOffset() ?? Infinity),
    cleanedTo,
    config: options.config(),
    nowMs: options.environment.clock.now(),
  })
}

/**
 * Compacts a log by a plan that was made in this turn: collects the keys of its dirty part, writes all
 * segments up to there anew without the records that later ones supersede, and swaps each group of
 * them in when it is ready.
 * @throws CleaningAbandoned when the log was closed, cut, or lost segments meanwhile; groups that were
 *   swapped in stay. KafkaError CORRUPT_MESSAGE | INVALID_RECORD … when it cannot be compacted,
 *   KAFKA_STORAGE_ERROR when its disk failed, and it with it. The system's ENOSPC: nothing has changed.
 */
export async function cleanLog(
  log: LogCore,
  plan: CleaningPlan,
  means: CleaningMeans,
): Promise<CleaningResult> {
  const { options, cuts } = log
  const { environment, config } = options
  const check = (): void => {
    const isOver = means.isStopped() || !log.isIdle || cuts !== log.cuts
    if (isOver) throw new CleaningAbandoned()
  }
  const { firstDirtyOffset, firstUncleanableOffset } = plan
  const range = firstUncleanableOffset - firstDirtyOffset
  const map = new OffsetMap(means.map, range, secret(environment.random))
  try {
    await buildOffsetMap(log, plan, map, means, check)
  } catch (error) {
    throw failureOf(log, 'read to compact', error)
  }
  const cleanedTo = map.latestOffset + 1
  if (cleanedTo <= firstDirtyOffset) {
    const detail = `a batch has more than ${map.size} keys; see log.cleaner.dedupe.buffer.size`
    throw new KafkaError('INVALID_RECORD', detail)
  }
  const rules = {
    nowMs: environment.clock.now(),
    deleteRetentionMs: config()['delete.retention.ms'],
    endOffset: firstUncleanableOffset,
    keys: map,
    lastOfProducer: (producerId: number) => lastOf(log, producerId),
  }
  const bytes = { before: 0, after: 0 }
  const scratch = new Scratch()
  let target: Segment | undefined
  const transactions = new TransactionFilter((aborted) => target!.transactions.append(aborted))
  for (const group of groupsOf(log, cleanedTo, firstUncleanableOffset)) {
    check()
    const pass = { rules: { ...rules, transactions }, means, scratch, check }
    target = await cleanGroup(log, group, pass, (segment) => {
      target = segment
    })
    for (const { sizeBytes } of group) bytes.before += sizeBytes
    bytes.after += target.sizeBytes
  }
  log.cleanedTo = cleanedTo
  return { cleanedTo, keys: map.size, bytesBefore: bytes.before, bytesAfter: bytes.after }
}

/** @param begun told of the segment before the first batch goes into it. */
async function cleanGroup(
  log: LogCore,
  group: readonly Segment[],
  pass: CleaningPass,
  begun: (cleaned: Segment) => void,
): Promise<Segment> {
  let cleaned: Segment | undefined
  let isIn = false
  try {
    cleaned = newCleanedSegment(log, group)
    begun(cleaned)
    await cleanInto(log, cleaned, group, pass)
    const hasAll = () => log.segments.hasAll(group)
    isIn = await swapIn(log, cleaned, group, () => {
      return log.isIdle && hasAll() && !pass.means.isStopped()
    })
  } catch (error) {
    throw failureOf(log, 'compact', error)
  } finally {
    if (!isIn) discard(log, cleaned)
  }
  if (!isIn) throw new CleaningAbandoned()
  assert(!group.includes(cleaned), 'a segment does not replace itself')
  return cleaned
}

/** Removes files that nobody needs. On a disk that has failed the next start does. */
function discard(log: LogCore, cleaned: Segment | undefined): void {
  cleaned?.close()
  if (!cleaned || log.isClosed || log.writer.failure) return
  log.writer.guard('remove the files of a compaction', () => cleaned.remove())
}

/** What to throw for an error: of the system, it ends the log, unless only the room was missing. */
function failureOf(log: LogCore, what: string, error: unknown): unknown {
  if (log.isClosed) return new CleaningAbandoned()
  if (isOutOfSpace(error)) return error
  return log.writer.storageError(what, error)
}

/** Whether an error says that the disk is full. */
export function isOutOfSpace(error: unknown): boolean {
  return isSystemError(error) && error.code === 'ENOSPC'
}

function groupsOf(log: LogCore, cleanedTo: number, endOffset: number) {
  const { segments, options } = log
  const { disk } = options.environment
  const config = options.config()
  const covered = segments.all.filter(({ baseOffset }) => baseOffset < cleanedTo)
  const sized = covered.map((segment) => ({
    segment,
    baseOffset: segment.baseOffset,
    sizeBytes: segment.sizeBytes,
    offsetIndexBytes: disk.stat(segment.path(names.OFFSET_INDEX_SUFFIX))?.sizeBytes ?? 0,
    timeIndexBytes: disk.stat(segment.path(names.TIME_INDEX_SUFFIX))?.sizeBytes ?? 0,
  }))
  const indexBytes = config['segment.index.bytes']
  const limits = { segmentBytes: segmentBytes(config), indexBytes, endOffset }
  return groupSegments(sized, limits).map((group) => group.map(({ segment }) => segment))
}

function lastOf(log: LogCore, producerId: number): LastOfProducer | undefined {
  const entry = log.producers.entry(producerId)
  if (!entry) return undefined
  const { producerEpoch, batches } = entry
  return { producerEpoch, lastDataOffset: batches.at(-1)?.lastOffset }
}

function secret(random: Random): Int32Array {
  const bytes = random.bytes(KEY_HASH_SECRET_WORDS * 4)
  return new Int32Array(bytes.slice().buffer)
}
