import type { LogCore } from './log-core.ts'
import { findCut } from './log-cut.ts'
import { rebuildProducers } from './producer-rebuild.ts'
import { newSegment } from './segment-factory.ts'

/** Cuts everything at and above `offset`: see `Log.truncateTo`. */
export async function truncateTo(log: LogCore, offset: number): Promise<boolean> {
  const { segments, leaderEpochs, writer, removal, options } = log
  if (offset >= log.logEndOffset) {
    leaderEpochs.truncateFromEnd(log.logEndOffset)
    writer.guard('write leader epochs', () => leaderEpochs.flush())
    return false
  }
  if (offset < segments.first.baseOffset) {
    truncateFullyAndStartAt(log, offset, offset)
    return true
  }
  writer.write()
  log.withdrawSwap()
  log.isCutting = true
  try {
    const interval = options.config()['index.interval.bytes']
    const segment = segments.at(segments.floor(offset))!
    const cut = await log.reading(() => findCut(options.files, segment, offset, interval))
    writer.guard('truncate', () => {
      removal.take(segments.takeAbove(offset))
      options.environment.disk.syncDirectory(options.directory)
      segment.truncate(offset, cut, options.environment.clock.now())
      leaderEpochs.truncateFromEnd(offset)
      leaderEpochs.flush()
    })
    log.logStartOffset = Math.min(log.logStartOffset, offset)
    endAt(log, offset)
    // What was cut must not come back behind what is appended next.
    writer.changed(segment)
    await writer.flush()
    await log.reading(() => rebuild(log, interval))
  } finally {
    log.isCutting = false
  }
  return true
}

/** Removes everything: see `Log.truncateFullyAndStartAt`. */
export function truncateFullyAndStartAt(
  log: LogCore,
  offset: number,
  logStartOffset: number,
): void {
  const { segments, leaderEpochs, producers, snapshots, writer, removal, options } = log
  writer.write()
  log.withdrawSwap()
  writer.guard('truncate', () => {
    removal.take(segments.all)
    segments.replaceAll(newSegment(options, offset))
    options.environment.disk.syncDirectory(options.directory)
    leaderEpochs.clear()
    leaderEpochs.flush()
    snapshots.removeAll()
  })
  producers.reset(offset, [], options.environment.clock.now())
  log.logStartOffset = logStartOffset
  endAt(log, offset)
}

/** Everything in memory follows a cut. */
function endAt(log: LogCore, offset: number): void {
  log.cuts++
  log.logEndOffset = offset
  log.highWatermark = Math.min(log.highWatermark, offset)
  if (log.cleanedTo !== undefined) log.cleanedTo = Math.min(log.cleanedTo, offset)
  log.tail.reset(offset)
  log.writer.resetTo(offset)
  log.writer.directoryChanged()
}

function rebuild(log: LogCore, indexIntervalBytes: number): Promise<void> {
  const { segments, producers, snapshots, logStartOffset, logEndOffset, options } = log
  return rebuildProducers({
    files: options.files,
    segments,
    producers,
    snapshots,
    logStartOffset,
    logEndOffset,
    newestSnapshot: logEndOffset,
    cleanShutdown: false,
    indexIntervalBytes,
    nowMs: options.environment.clock.now(),
  })
}
