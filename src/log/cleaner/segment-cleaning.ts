import * as batch from '../../records/batch.ts'
import type { LogCore } from '../log-core.ts'
import { Segment } from '../segment.ts'
import { abortedIn } from './aborted-transactions.ts'
import { cleanBatch } from './batch-cleaning.ts'
import type { RetentionRules } from './batch-filter.ts'
import type { Scratch } from './batch-rewrite.ts'
import type { CleaningMeans } from './cleaning-means.ts'
import { batchRuns } from './segment-batches.ts'
import { SegmentOutput } from './segment-output.ts'

/** One pass over the segments of a log. */
export interface CleaningPass {
  readonly rules: RetentionRules
  readonly means: CleaningMeans
  readonly scratch: Scratch
  /** Called often; throws when the pass has to end. */
  readonly check: () => void
}

/** Makes the empty segment, under names that a crash leaves behind as rubbish, for what is left of
 *  `group`. */
export function newCleanedSegment(log: LogCore, group: readonly Segment[]): Segment {
  const { files, directory } = log.options
  return Segment.create(files, directory, group[0]!.baseOffset, {
    createdMs: group.at(-1)!.createdMs,
    rollJitterMs: 0,
    preallocateBytes: 0,
    state: '.cleaned',
  })
}

/** Writes what is left of `group` into `cleaned`. Not synced, and no reader sees it. */
export async function cleanInto(
  log: LogCore,
  cleaned: Segment,
  group: readonly Segment[],
  pass: CleaningPass,
): Promise<void> {
  const { files, config } = log.options
  const output = new SegmentOutput(files, cleaned, pass.means, config()['index.interval.bytes'])
  try {
    for (const segment of group) {
      const next = log.segments.at(log.segments.floor(segment.baseOffset) + 1)
      const endOffset = next?.baseOffset ?? pass.rules.endOffset
      pass.rules.transactions.expect(abortedIn(log.segments, segment.baseOffset, endOffset))
      await cleanSegment(log, segment, output, pass)
    }
    await output.flush()
  } finally {
    output.close()
  }
  pass.check()
  cleaned.seal()
}

async function cleanSegment(
  log: LogCore,
  segment: Segment,
  output: SegmentOutput,
  { rules, means, scratch, check }: CleaningPass,
): Promise<void> {
  const runs = batchRuns({
    files: log.options.files,
    segment,
    start: 0,
    bufferBytes: means.bufferBytes,
    beforeRead: (bytes) => means.throttle.take(bytes),
  })
  for await (const { bytes, sizeBytes } of runs) {
    means.pace.woken()
    for (let at = 0; at < sizeBytes; at += batch.batchSizeBytes(bytes, at)) {
      if (means.pace.isTired) await means.pace.rest()
      check()
      const result = cleanBatch(bytes, at, rules, { scratch, pace: means.pace })
      const cleaned = result instanceof Promise ? await result : result
      if (cleaned === 'gone') continue
      const added = cleaned === 'same' ? output.add(bytes, at) : output.add(cleaned, 0)
      if (added) await added
    }
  }
}
