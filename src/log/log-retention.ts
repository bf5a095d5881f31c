import { KafkaError } from '../protocol/errors.ts'
import type { LogCore } from './log-core.ts'
import { planRetention } from './retention.ts'

/** Moves the log start: see `Log.deleteRecordsBefore`. */
export function deleteRecordsBefore(log: LogCore, offset: number): void {
  if (offset <= log.logStartOffset) return
  if (offset > log.logEndOffset) {
    throw new KafkaError(
      'OFFSET_OUT_OF_RANGE',
      `${log.name}: cannot start at ${offset}, the log ends at ${log.logEndOffset}`,
    )
  }
  log.logStartOffset = offset
  log.leaderEpochs.truncateFromStart(offset)
  log.writer.guard('write leader epochs', () => log.leaderEpochs.flush())
  log.producers.onLogStart(offset)
}

/** Removes segments that need not be kept: see `Log.deleteOldSegments`. */
export function deleteOldSegments(log: LogCore, nowMs: number, highWatermark: number): number {
  if (!log.isIdle) return 0
  return log.writer.guard('delete old segments', () => {
    let removed = 0
    for (;;) {
      const count = deleteOnce(log, nowMs, highWatermark)
      if (count === 0) return removed
      removed += count
    }
  })
}

/** One round, for one reason. Each removes at least one segment, so they come to an end. */
function deleteOnce(log: LogCore, nowMs: number, highWatermark: number): number {
  const { segments, snapshots, logStartOffset, logEndOffset, options } = log
  const config = options.config()
  const { all } = segments
  const input = { segments: all, logStartOffset, logEndOffset, highWatermark, config, nowMs }
  const plan = planRetention(input)
  if (!plan) return 0
  if (plan.count === all.length) log.roll(logEndOffset)
  const removed = segments.takeFirst(plan.count)
  deleteRecordsBefore(log, segments.first.baseOffset)
  log.removal.take(removed)
  for (const { baseOffset } of removed) snapshots.remove(baseOffset)
  log.writer.directoryChanged()
  const fields = { ...plan, logStartOffset: log.logStartOffset }
  options.logger.info(fields, 'Deleted old segments.')
  return plan.count
}
