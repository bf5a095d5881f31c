import type { Disk } from '../kernel/environment.ts'
import type { HostedLog } from './hosted-log.ts'
import type { FoundPartition, LogDirectory } from './log-directory.ts'

/** A log directory as DescribeLogDirs shows it. */
export interface LogDirectoryDescription {
  readonly path: string
  /** Why it is offline. Sizes are then -1 and no logs are listed. */
  readonly failure: Error | undefined
  /** Bytes of the file system it lies on. */
  readonly totalBytes: number
  readonly usableBytes: number
  readonly logs: readonly LogDescription[]
}

export interface LogDescription {
  readonly topic: string
  readonly partition: number
  /** Of the record batches, without indexes. */
  readonly sizeBytes: number
  readonly logEndOffset: number
  /** A copy on its way from another directory, not served. */
  readonly isFuture: boolean
}

/** @param future copies found in the directory, which are not open. */
export function describeDirectory(
  disk: Disk,
  directory: LogDirectory,
  hosted: readonly HostedLog[],
  future: readonly FoundPartition[],
): LogDirectoryDescription {
  const logs = hosted.map(({ topic, partition, log: { sizeBytes, logEndOffset } }) => {
    return { topic, partition, sizeBytes, logEndOffset, isFuture: false }
  })
  const copies = future.map(({ topic, partition, path }) => {
    const sizeBytes = logFileBytes(disk, path)
    return { topic, partition, sizeBytes, logEndOffset: 0, isFuture: true }
  })
  const { path } = directory
  return { path, failure: undefined, ...directory.space(), logs: [...logs, ...copies] }
}

/** Bytes of the log files in a partition directory that is not open. */
function logFileBytes(disk: Disk, directory: string): number {
  let sum = 0
  for (const name of disk.list(directory)) {
    if (name.endsWith('.log')) sum += disk.stat(`${directory}/${name}`)?.sizeBytes ?? 0
  }
  return sum
}
