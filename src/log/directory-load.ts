import type { Disk } from '../kernel/environment.ts'
import type { Logger } from '../kernel/logger.ts'
import type { HostedLog, LogPlace, LogStart } from './hosted-log.ts'
import { inParallel } from './in-parallel.ts'
import type { FoundPartition, LogDirectory } from './log-directory.ts'
import { type PartitionFate, partitionName, type RemovalKind } from './partition-directory.ts'
import { readPartitionTopicId } from './partition-metadata-file.ts'

/** Decides what becomes of a partition by what its directory says of itself. */
export type DecideFate = (found: {
  readonly topic: string
  readonly partition: number
  /** undefined when its file is missing or damaged. */
  readonly topicId: string | undefined
}) => PartitionFate

export interface DirectoryLoad {
  readonly directory: LogDirectory
  readonly disk: Disk
  readonly logger: Logger
  /** Logs opened at a time. */
  readonly parallel: number
  readonly fateOf: DecideFate
  /** Gives a partition that is not to be opened its other name. */
  readonly remove: (place: LogPlace, fate: RemovalKind) => void
  readonly open: (place: LogPlace, start: LogStart) => Promise<HostedLog>
  /** Told of each log once it is open. */
  readonly opened: (hosted: HostedLog) => Promise<void>
}

/** What else was found in a log directory. */
export interface LoadedDirectory {
  /** Whether it carried the mark of a clean shutdown. */
  readonly cleanShutdown: boolean
  /** Partitions on their way out, to be removed. */
  readonly deleted: readonly FoundPartition[]
  /** Copies on their way from another directory. */
  readonly future: readonly FoundPartition[]
  /** The recovery points that the logs were opened with, by partition name, and those of no log. */
  readonly recoveryPoints: ReadonlyMap<string, number>
  /** High watermarks by the last checkpoint, by partition name. */
  readonly highWatermarks: ReadonlyMap<string, number>
}

/**
 * Opens all logs of a log directory, those of a directory not closed in good order with recovery.
 * Time and disk: a few file reads per log, and what lies past the recovery points.
 */
export async function loadDirectory(load: DirectoryLoad): Promise<LoadedDirectory> {
  const { directory, disk, logger } = load
  const cleanShutdown = directory.takeCleanShutdown() !== undefined
  const recoveryPoints = directory.readCheckpoint('recovery-point-offset-checkpoint')
  const startOffsets = directory.readCheckpoint('log-start-offset-checkpoint')
  const cleanedTo = directory.readCheckpoint('cleaner-offset-checkpoint')
  const found = Object.groupBy(directory.partitions(), ({ kind }) => kind)
  const { current = [], delete: deleted = [], future = [], stray = [] } = found
  for (const { path } of stray) logger.warn({ path }, 'Left a stray partition alone.')
  const places: LogPlace[] = []
  for (const { topic, partition, path } of current) {
    const place = { topic, partition, path, directory, topicId: readPartitionTopicId(disk, path) }
    const fate = load.fateOf(place)
    if (fate === 'open') places.push(place)
    else load.remove(place, fate)
  }
  const fields = { path: directory.path, logs: places.length, cleanShutdown }
  if (places.length > 0) logger.info(fields, 'Opening the logs of a directory.')
  await inParallel(places, load.parallel, async (place) => {
    const name = partitionName(place.topic, place.partition)
    const hosted = await load.open(place, {
      cleanShutdown,
      recoveryPoint: recoveryPoints.get(name) ?? 0,
      logStartOffset: startOffsets.get(name) ?? 0,
      cleanedTo: cleanedTo.get(name),
    })
    await load.opened(hosted)
  })
  const highWatermarks = directory.readCheckpoint('replication-offset-checkpoint')
  return { cleanShutdown, deleted, future, recoveryPoints, highWatermarks }
}
