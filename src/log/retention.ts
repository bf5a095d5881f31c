import type { LogConfig } from './log-types.ts'

/** What retention looks at. `largestTimestampMs` may have to read a file: it is asked for last. */
export interface RetainedSegment {
  readonly baseOffset: number
  readonly sizeBytes: number
  readonly largestTimestampMs: number
}

export interface RetentionInput {
  /** Oldest first; the last is the active one. */
  readonly segments: readonly RetainedSegment[]
  readonly logStartOffset: number
  readonly logEndOffset: number
  /** Segments that reach it are kept, so that the log never starts above it. */
  readonly highWatermark: number
  readonly config: LogConfig
  readonly nowMs: number
}

export type RetentionReason = 'log-start-offset' | 'retention.bytes' | 'retention.ms'

/** How many segments from the front have to go; all of them when even the active one is too old. */
export interface RetentionPlan {
  readonly count: number
  readonly reason: RetentionReason
}

/**
 * Decides which of the oldest segments to delete. By log start offset: those that lie below it as a
 * whole, whatever the cleanup policy. With policy `delete`, by size: as long as what is left is not
 * less than `retention.bytes`; and by age: those whose newest record is older than `retention.ms`.
 * @returns undefined when nothing has to go.
 */
export function planRetention(input: RetentionInput): RetentionPlan | undefined {
  const { config, nowMs, segments } = input
  const startCount = countWhile(input, (_, next) => {
    return next !== undefined && next.baseOffset <= input.logStartOffset
  })
  if (startCount > 0) return { count: startCount, reason: 'log-start-offset' }
  if (!config['cleanup.policy'].includes('delete')) return undefined

  const retentionBytes = config['retention.bytes']
  if (retentionBytes >= 0) {
    let excess = segments.reduce((sum, segment) => sum + segment.sizeBytes, 0) - retentionBytes
    const sizeCount = countWhile(input, ({ sizeBytes }) => {
      excess -= sizeBytes
      return excess >= 0
    })
    if (sizeCount > 0) return { count: sizeCount, reason: 'retention.bytes' }
  }
  const retentionMs = config['retention.ms']
  if (retentionMs >= 0) {
    const isOld = (segment: RetainedSegment) => nowMs - segment.largestTimestampMs > retentionMs
    const ageCount = countWhile(input, isOld)
    if (ageCount > 0) return { count: ageCount, reason: 'retention.ms' }
  }
  return undefined
}

/** Counts segments from the front that must go, are below the high watermark, and are not the empty
 *  active one. */
function countWhile(
  { segments, highWatermark, logEndOffset }: RetentionInput,
  mustGo: (segment: RetainedSegment, next: RetainedSegment | undefined) => boolean,
): number {
  let count = 0
  for (; count < segments.length; count++) {
    const segment = segments[count]!
    const next = segments[count + 1]
    if (highWatermark < (next?.baseOffset ?? logEndOffset)) break
    if (next === undefined && segment.sizeBytes === 0) break
    if (!mustGo(segment, next)) break
  }
  return count
}
