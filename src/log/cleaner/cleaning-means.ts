import type { OffsetMapLimits } from './offset-map.ts'
import type { Pace } from './pace.ts'
import type { Throttle } from './throttle.ts'

/** What one compaction may use. */
export interface CleaningMeans {
  readonly pace: Pace
  readonly throttle: Throttle
  readonly map: OffsetMapLimits
  /** Read or written at once. */
  readonly bufferBytes: number
  /** Whether it has to end as soon as it can. */
  readonly isStopped: () => boolean
}

/** The log has changed or has to be left: what was begun is thrown away, and nothing has happened. */
export class CleaningAbandoned extends Error {}

/** Records of a batch that are worked on between two looks at the clock: a tenth of a slice, or less. */
export const RECORDS_PER_LOOK = 128

/** The most that the records of one batch may become when they are decompressed. */
export const MAX_RECORDS_BYTES = 1024 * 1024 * 1024
