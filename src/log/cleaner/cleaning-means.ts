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

/** The most that the records of one batch may become when they are decompressed. */
export const MAX_RECORDS_BYTES = 1024 * 1024 * 1024
