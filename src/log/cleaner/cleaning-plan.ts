/** Compaction: of a log whose policy says so, the last record of each key stays. This file decides how
 *  much of a log is due; the others build the table of keys (`offset-map.ts`, `map-building.ts`), judge
 *  and rewrite batches (`batch-filter.ts`, `segment-cleaning.ts`), and put the result in place of what
 *  it replaces (`segment-swap.ts`). `log-cleaner.ts` drives it all. */

/** What decides about a segment. The last two may have to read a file: they are asked for last. */
export interface PlannedSegment {
  readonly baseOffset: number
  readonly sizeBytes: number
  readonly largestTimestampMs: number
  /** Of its first batch; undefined without one. */
  readonly firstTimestamp: number | undefined
}

/** The settings of a topic that compaction goes by. */
export interface CompactionConfig {
  readonly 'max.compaction.lag.ms': number
  readonly 'min.cleanable.dirty.ratio': number
  readonly 'min.compaction.lag.ms': number
}

export interface CleaningInput {
  /** Oldest first; the last is the active one. */
  readonly segments: readonly PlannedSegment[]
  readonly logStartOffset: number
  readonly logEndOffset: number
  /** Everything from here on may still be taken back: the lower of high watermark and first unstable
   *  offset. */
  readonly lastStableOffset: number
  /** Up to where the log was compacted, by the checkpoint; undefined when it never was. */
  readonly cleanedTo: number | undefined
  readonly config: CompactionConfig
  readonly nowMs: number
}

/** The part of a log that a compaction would look at. */
export interface CleaningPlan {
  /** Keys are collected from here … */
  readonly firstDirtyOffset: number
  /** … to here: where the first segment begins that must stay as it is. */
  readonly firstUncleanableOffset: number
  /** Bytes not compacted yet, as a share of all that may be. 0 when there are none. */
  readonly dirtyRatio: number
  /** Whether it is dirty enough, or records have waited for `max.compaction.lag.ms`. */
  readonly isDue: boolean
}

/**
 * Decides what of a log may be compacted: whole segments, never the active one, none that reaches the
 * last stable offset, and none from the first on whose newest record is younger than
 * `min.compaction.lag.ms`. A checkpoint outside of the log counts as none.
 */
export function planCleaning(input: CleaningInput): CleaningPlan {
  const { logStartOffset, logEndOffset, cleanedTo = logStartOffset } = input
  const isInLog = cleanedTo >= logStartOffset && cleanedTo <= logEndOffset
  const firstDirtyOffset = isInLog ? cleanedTo : logStartOffset
  const firstUncleanableOffset = firstUncleanable(input, firstDirtyOffset)
  let cleanBytes = 0
  let dirtyBytes = 0
  for (const [index, { baseOffset, sizeBytes }] of closedSegments(input).entries()) {
    // One that holds the first dirty offset counts as both.
    const isDirty = input.segments[index + 1]!.baseOffset > firstDirtyOffset
    if (baseOffset < firstDirtyOffset) cleanBytes += sizeBytes
    if (isDirty && baseOffset < firstUncleanableOffset) dirtyBytes += sizeBytes
  }
  const dirtyRatio = dirtyBytes === 0 ? 0 : dirtyBytes / (cleanBytes + dirtyBytes)
  const isDirty = dirtyRatio > input.config['min.cleanable.dirty.ratio']
  const isDue = dirtyBytes > 0 && (isDirty || hasWaitedTooLong(input, firstDirtyOffset))
  return { firstDirtyOffset, firstUncleanableOffset, dirtyRatio, isDue }
}

/** The base offset of the first segment that must not be touched. */
function firstUncleanable(input: CleaningInput, firstDirtyOffset: number): number {
  const { segments, lastStableOffset, config, nowMs } = input
  const active = segments.at(-1)!
  const minLagMs = config['min.compaction.lag.ms']
  let end = active.baseOffset
  for (const [index, segment] of segments.entries()) {
    const next = segments[index + 1]
    if (next === undefined) break
    if (next.baseOffset > lastStableOffset) end = Math.min(end, segment.baseOffset)
    if (segment.baseOffset >= end) break
    if (minLagMs <= 0 || next.baseOffset <= firstDirtyOffset) continue
    if (segment.largestTimestampMs > nowMs - minLagMs) end = segment.baseOffset
  }
  return end
}

function hasWaitedTooLong(input: CleaningInput, firstDirtyOffset: number): boolean {
  const untilMs = input.nowMs - input.config['max.compaction.lag.ms']
  if (untilMs <= 0) return false
  return closedSegments(input).some(({ firstTimestamp }, index) => {
    const isDirty = input.segments[index + 1]!.baseOffset > firstDirtyOffset
    return isDirty && firstTimestamp !== undefined && firstTimestamp > 0 && firstTimestamp < untilMs
  })
}

function closedSegments({ segments }: CleaningInput): readonly PlannedSegment[] {
  return segments.slice(0, -1)
}
