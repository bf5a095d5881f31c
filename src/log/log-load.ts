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
}

/**
 * Reads a partition directory: what a compaction or deletion left half done is finished, segments
 * past the recovery point are recovered, a log cut short loses the segments behind the cut. After a
 * clean shutdown only the end of the active segment and the newest snapshot are read.
 */
export async function loadLog(options: LogOptions): Promise<LoadedLog> {
  const { directory, environment, files, logger } = options
  const { disk } = environment
  await tidyDirectory(files, directory, logger)
  const leaderEpochs = LeaderEpochCache.open(disk, directory, logger)
  const found = findSegments(options)
  const {
    kept,
    logEndOffset: foundEnd,
    damagedTransactionsFrom,
  } = await recover(found, leaderEpochs, options)
  let segments = kept
  let logEndOffset = foundEnd
  if (logEndOffset < options.logStartOffset && segments.length > 0) {
    const fields = { logEndOffset, logStartOffset: options.logStartOffset }
    logger.warn(fields, 'Removed all segments of a log: they end before its start.')
    for (const segment of segments) segment.remove()
    segments = []
    leaderEpochs.clear()
  }
  if (segments.length === 0) {
    logEndOffset = options.logStartOffset
    segments = [newSegment(options, logEndOffset)]
  }
  const list = new SegmentList(segments)
  const logStartOffset = Math.max(options.logStartOffset, list.first.baseOffset)
  leaderEpochs.truncateFromEnd(logEndOffset)
  leaderEpochs.truncateFromStart(logStartOffset)
  leaderEpochs.flush()
  const { cleanShutdown } = options
  const recoveryPoint = cleanShutdown ? logEndOffset : Math.min(options.recoveryPoint, logEndOffset)
  const producers = new ProducerState()
  const snapshots = ProducerSnapshots.open(disk, directory, logger)
  await rebuildProducers({
    files,
    segments: list,
    producers,
    snapshots,
    logStartOffset,
    logEndOffset,
    newestSnapshot: Math.min(recoveryPoint, damagedTransactionsFrom),
    cleanShutdown,
    indexIntervalBytes: options.config()['index.interval.bytes'],
    nowMs: environment.clock.now(),
  })
  return {
    segments: list,
    leaderEpochs,
    producers,
    snapshots,
    logStartOffset,
    logEndOffset,
    recoveryPoint,
  }
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
  readonly logEndOffset: number
  /** Base offset of the first segment whose transaction index was no use; Infinity without one. */
  readonly damagedTransactionsFrom: number
}

/**
 * Recovers what is past the recovery point: all segments from the one on that holds the last synced
 * record, whose end may not have been synced when it was closed; after a clean shutdown the last one.
 * Segments behind a cut are removed, unless the next one goes on right there.
 */
async function recover(
  segments: readonly Segment[],
  leaderEpochs: LeaderEpochCache,
  options: LogOptions,
): Promise<Recovered> {
  const { files, logger, cleanShutdown } = options
  const recoveryPoint = cleanShutdown ? Number.POSITIVE_INFINITY : options.recoveryPoint
  const indexIntervalBytes = options.config()['index.interval.bytes']
  const firstIndex = segments.findLastIndex(({ baseOffset }) => baseOffset < recoveryPoint)
  let logEndOffset = 0
  let damagedTransactionsFrom = Number.POSITIVE_INFINITY
  for (let index = Math.max(0, firstIndex); index < segments.length; index++) {
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
    if (cutBytes > 0 && next && next.baseOffset !== nextOffset) {
      const removed = segments.slice(index + 1)
      const fields = { offset: nextOffset, removed: removed.map(({ baseOffset }) => baseOffset) }
      logger.warn(fields, 'Removed the segments behind the damaged end of a log.')
      for (const behind of removed) behind.remove()
      return { kept: segments.slice(0, index + 1), logEndOffset, damagedTransactionsFrom }
    }
    if (next) segment.seal()
  }
  return { kept: segments, logEndOffset, damagedTransactionsFrom }
}
