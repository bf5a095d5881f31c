import { tidyDirectory } from './directory-tidy.ts'
import { LeaderEpochCache } from './leader-epoch-cache.ts'
import * as names from './log-files.ts'
import { recoverSegment } from './log-recovery.ts'
import type { LogOptions } from './log-types.ts'
import { rebuildProducers } from './producer-rebuild.ts'
import { ProducerSnapshots } from './producer-snapshot.ts'
import { ProducerState } from './producer-state.ts'
import { Segment } from './segment.ts'
import { newSegment } from './segment-factory.ts'
import { SegmentList } from './segment-list.ts'

/** What the files of a partition directory have become. */
export interface LoadedLog {
  readonly segments: SegmentList
  readonly leaderEpochs: LeaderEpochCache
  readonly producers: ProducerState
  readonly snapshots: ProducerSnapshots
  readonly logStartOffset: number
  readonly logEndOffset: number
  /** Everything below has been synced. */
  readonly recoveryPoint: number
  /** Segments whose files an earlier process, or recovery, has changed without a sync. */
  readonly unsynced: readonly Segment[]
}

/**
 * Reads a partition directory: what a compaction or deletion left half done is finished, segments
 * past the recovery point are recovered, a log cut short loses the segments behind the cut. After a
 * clean shutdown only the end of the active segment and the newest snapshot are read.
 */
export async function loadLog(options: LogOptions): Promise<LoadedLog> {
  const { directory, environment, files, logger, cleanShutdown } = options
  await tidyDirectory(files, directory, logger)
  const leaderEpochs = LeaderEpochCache.open(environment.disk, directory, logger)
  const recovery = await recover(findSegments(options), leaderEpochs, options)
  const { segments, logEndOffset } = usable(recovery, leaderEpochs, options)
  const logStartOffset = Math.max(options.logStartOffset, segments.first.baseOffset)
  leaderEpochs.truncateFromEnd(logEndOffset)
  leaderEpochs.truncateFromStart(logStartOffset)
  leaderEpochs.flush()
  const recoveryPoint = cleanShutdown ? logEndOffset : Math.min(options.recoveryPoint, logEndOffset)
  const producers = new ProducerState()
  const snapshots = ProducerSnapshots.open(environment.disk, directory, logger)
  await rebuildProducers({
    files,
    segments,
    producers,
    snapshots,
    logStartOffset,
    logEndOffset,
    newestSnapshot: Math.min(recoveryPoint, recovery.damagedTransactionsFrom),
    cleanShutdown,
    indexIntervalBytes: options.config()['index.interval.bytes'],
    nowMs: environment.clock.now(),
  })
  const unsynced = recovery.recovered.filter((segment) => segments.all.includes(segment))
  const offsets = { logStartOffset, logEndOffset, recoveryPoint }
  return { segments, leaderEpochs, producers, snapshots, unsynced, ...offsets }
}

/** The recovered segments, or a new one where none is left, or none reaches the log start. */
function usable(recovery: Recovered, leaderEpochs: LeaderEpochCache, options: LogOptions) {
  const { kept, logEndOffset } = recovery
  const { logStartOffset, logger } = options
  if (kept.length > 0 && logEndOffset >= logStartOffset) {
    return { segments: new SegmentList(kept), logEndOffset }
  }
  if (kept.length > 0) {
    const fields = { logEndOffset, logStartOffset }
    logger.warn(fields, 'Removed all segments of a log: they end before its start.')
    for (const segment of kept) segment.remove()
    leaderEpochs.clear()
  }
  const segments = new SegmentList([newSegment(options, logStartOffset)])
  return { segments, logEndOffset: logStartOffset }
}

/** The segments by their log files; index files without one are removed. */
function findSegments({ directory, environment, files, logger }: LogOptions): readonly Segment[] {
  const { disk } = environment
  const found = disk
    .list(directory)
    .map(names.parseLogFileName)
    .filter((file) => file !== undefined)
    .filter((file) => file.state === '')
  const bases = found.filter((file) => file.suffix === names.LOG_SUFFIX).map((file) => file.offset)
  const known = new Set(bases)
  for (const { name, offset, suffix } of found) {
    if (suffix === names.SNAPSHOT_SUFFIX || known.has(offset)) continue
    logger.warn({ file: `${directory}/${name}` }, 'Removed an index file without its log file.')
    disk.remove(`${directory}/${name}`)
  }
  return bases
    .sort((a, b) => a - b)
    .map((baseOffset) => {
      const path = `${directory}/${names.logFileName(baseOffset, names.LOG_SUFFIX)}`
      const stat = disk.stat(path)
      return Segment.existing(files, directory, baseOffset, {
        sizeBytes: stat?.sizeBytes ?? 0,
        createdMs: stat?.modifiedMs ?? 0,
        rollJitterMs: 0,
      })
    })
}

interface Recovered {
  readonly kept: readonly Segment[]
  /** Those among them that were looked at, and maybe changed. */
  readonly recovered: readonly Segment[]
  readonly logEndOffset: number
  /** Base offset of the first segment whose transaction index was no use; Infinity without one. */
  readonly damagedTransactionsFrom: number
}

/**
 * Recovers what is past the recovery point: all segments from the one on that holds the last synced
 * record, whose end may not have been synced when it was closed; after a clean shutdown the last one.
 * Segments behind a cut are removed, unless the next one goes on right there; and those behind a gap
 * that only lost records can have left, for replicas must not have holes that their leader has not.
 */
async function recover(
  segments: readonly Segment[],
  leaderEpochs: LeaderEpochCache,
  options: LogOptions,
): Promise<Recovered> {
  const { files, logger, cleanShutdown, directory } = options
  const { disk } = options.environment
  const recoveryPoint = cleanShutdown ? Number.POSITIVE_INFINITY : options.recoveryPoint
  const indexIntervalBytes = options.config()['index.interval.bytes']
  const mayHaveGaps = options.config()['cleanup.policy'].includes('compact')
  const holder = segments.findLastIndex(({ baseOffset }) => baseOffset < recoveryPoint)
  const first = Math.max(0, holder)
  let logEndOffset = 0
  let damagedTransactionsFrom = Number.POSITIVE_INFINITY
  for (let index = first; index < segments.length; index++) {
    const segment = segments[index]!
    if (!segment.transactions.isSane()) {
      segment.transactions.reset()
      damagedTransactionsFrom = Math.min(damagedTransactionsFrom, segment.baseOffset)
    }
    const next = segments[index + 1]
    const { nextOffset, cutBytes } = await recoverSegment(segment, {
      files,
      logger,
      leaderEpochs,
      indexIntervalBytes,
      recoveryPoint,
      limitOffset: next?.baseOffset ?? Number.POSITIVE_INFINITY,
    })
    logEndOffset = nextOffset
    const isLost = cutBytes > 0 || (!mayHaveGaps && nextOffset >= recoveryPoint)
    if (next && next.baseOffset !== nextOffset && isLost) {
      const removed = segments.slice(index + 1)
      const fields = { offset: nextOffset, removed: removed.map(({ baseOffset }) => baseOffset) }
      logger.warn(fields, 'Removed the segments behind lost records.')
      for (const behind of removed) behind.remove()
      disk.syncDirectory(directory) // before anything is appended in their place
      const kept = segments.slice(0, index + 1)
      return { kept, recovered: kept.slice(first), logEndOffset, damagedTransactionsFrom }
    }
    if (next) segment.seal()
  }
  const recovered = segments.slice(first)
  return { kept: segments, recovered, logEndOffset, damagedTransactionsFrom }
}
