import { type LogConfig, segmentBytes, segmentMs } from './log-types.ts'
import type { Segment } from './segment.ts'

/** The batch that is about to be appended. */
export interface NextBatch {
  readonly sizeBytes: number
  readonly lastOffset: number
  readonly maxTimestamp: number
}

/**
 * Whether a batch has to go into a new segment: the active one would exceed `segment.bytes`, is older
 * than `segment.ms`, has a full index, or could not hold the offset.
 */
export function mustRoll(
  active: Segment,
  next: NextBatch,
  config: LogConfig,
  nowMs: number,
): boolean {
  return (
    active.sizeBytes > segmentBytes(config) - next.sizeBytes ||
    isDue(active, config, next.maxTimestamp, nowMs) ||
    (active.indexes?.isFull(config['segment.index.bytes']) ?? false) ||
    !active.canHold(next.lastOffset)
  )
}

/**
 * Whether a segment has reached its age. That is the distance between the timestamps of its first
 * batch and of the next one; only where records bear no timestamps it is time that has passed.
 */
export function isDue(
  active: Segment,
  config: LogConfig,
  nextTimestamp: number,
  nowMs: number,
): boolean {
  if (active.sizeBytes === 0) return false
  const { firstTimestamp } = active
  const waitedMs =
    firstTimestamp === undefined ? nowMs - active.createdMs : nextTimestamp - firstTimestamp
  return waitedMs > segmentMs(config) - active.rollJitterMs
}
