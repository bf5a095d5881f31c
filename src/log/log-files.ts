/** Names of the files of a partition directory, as Kafka gives them: twenty digits, the offset, and
 *  what the file is. A further suffix says that the file is on its way in or out. */

export const LOG_SUFFIX = '.log'
export const OFFSET_INDEX_SUFFIX = '.index'
export const TIME_INDEX_SUFFIX = '.timeindex'
export const TRANSACTION_INDEX_SUFFIX = '.txnindex'
export const SNAPSHOT_SUFFIX = '.snapshot'

/** Renamed away; removed `file.delete.delay.ms` after that, or at the next start. */
export const DELETED_SUFFIX = '.deleted'
/** Written by a compaction that has not ended: thrown away at start. */
export const CLEANED_SUFFIX = '.cleaned'
/** Written by a compaction that has ended: put in place at start. */
export const SWAP_SUFFIX = '.swap'

/** The files that belong to one segment and carry its base offset. */
export const SEGMENT_SUFFIXES = [
  LOG_SUFFIX,
  OFFSET_INDEX_SUFFIX,
  TIME_INDEX_SUFFIX,
  TRANSACTION_INDEX_SUFFIX,
] as const

export type SegmentSuffix = (typeof SEGMENT_SUFFIXES)[number]
export type FileState = typeof DELETED_SUFFIX | typeof CLEANED_SUFFIX | typeof SWAP_SUFFIX | ''

/** What the name of a file in a partition directory says. */
export interface LogFileName {
  readonly name: string
  readonly offset: number
  readonly suffix: SegmentSuffix | typeof SNAPSHOT_SUFFIX
  readonly state: FileState
}

const NAME =
  /^(\d{20})(\.log|\.index|\.timeindex|\.txnindex|\.snapshot)(\.deleted|\.cleaned|\.swap)?$/

/** `00000000000000000042.log` for offset 42 and `.log`. */
export function logFileName(offset: number, suffix: string): string {
  return `${String(offset).padStart(20, '0')}${suffix}`
}

/** undefined for every name that is not one of a segment or snapshot file. */
export function parseLogFileName(name: string): LogFileName | undefined {
  const match = NAME.exec(name)
  if (!match) return undefined
  const offset = Number(match[1])
  if (!Number.isSafeInteger(offset)) return undefined
  // The expression admits exactly these suffixes and states.
  const suffix = match[2] as LogFileName['suffix']
  const state = (match[3] ?? '') as FileState
  return { name, offset, suffix, state }
}
