import type { Environment } from '../kernel/environment.ts'
import type { FilePool } from './file-pool.ts'
import { type LogConfig, segmentBytes, segmentMs } from './log-types.ts'
import { Segment } from './segment.ts'

/** Random numbers have 32 bits; jitter beyond that (49 days) is cut. */
const MAX_JITTER_MS = 0xffff_ffff

export interface SegmentFactoryOptions {
  readonly files: FilePool
  readonly directory: string
  readonly environment: Environment
  readonly config: () => LogConfig
}

/** Makes the segment that takes the batches from `baseOffset` on. */
export function newSegment(options: SegmentFactoryOptions, baseOffset: number): Segment {
  const { environment, files, directory } = options
  const config = options.config()
  const jitterMs = Math.min(config['segment.jitter.ms'], segmentMs(config), MAX_JITTER_MS)
  return Segment.create(files, directory, baseOffset, {
    createdMs: environment.clock.now(),
    rollJitterMs: jitterMs > 0 ? environment.random.below(jitterMs) : 0,
    preallocateBytes: config.preallocate ? segmentBytes(config) : 0,
  })
}
