import { dirname } from 'node:path'
import type { Disk, DiskLock } from '../kernel/environment.ts'
import type { Logger } from '../kernel/logger.ts'
import {
  CorruptCheckpoint,
  type PartitionOffset,
  readOffsets,
  writeOffsets,
  writeOffsetsOffLoop,
} from './checkpoint-file.ts'
import {
  type CleanShutdown,
  readCleanShutdown,
  removeCleanShutdown,
  writeCleanShutdown,
} from './clean-shutdown-file.ts'
import { isSystemError, LogDirectoryError } from './log-directory-error.ts'
import {
  type MetaProperties,
  MetaPropertiesError,
  readMetaProperties,
  writeMetaProperties,
} from './meta-properties.ts'
import {
  type PartitionDirectoryName,
  parsePartitionDirectory,
  partitionName,
} from './partition-directory.ts'
import { SharedSync } from './shared-sync.ts'

/** The checkpoint files of a log directory, named by what they hold of each partition. */
export type CheckpointName =
  | 'recovery-point-offset-checkpoint'
  | 'log-start-offset-checkpoint'
  | 'replication-offset-checkpoint'
  | 'cleaner-offset-checkpoint'

/** A partition directory found in a log directory. */
export interface FoundPartition extends PartitionDirectoryName {
  readonly path: string
}

/** The topic of KRaft's own log. It means nothing here and is left alone. */
const METADATA_TOPIC = '__cluster_metadata'

/**
 * One directory of `log.dirs`: its lock, whom it belongs to, and the files that speak of all its
 * partitions. Its own from `take` to `release`.
 */
export class LogDirectory {
  readonly path: string
  readonly #disk: Disk
  readonly #logger: Logger
  readonly #lock: DiskLock
  #properties: MetaProperties | undefined
  #directoryId = ''
  readonly #nameSyncs: SharedSync

  private constructor(disk: Disk, path: string, logger: Logger, lock: DiskLock) {
    this.#disk = disk
    this.path = path
    this.#logger = logger
    this.#lock = lock
    this.#nameSyncs = new SharedSync(() => disk.syncDirectoryOffLoop(path))
  }

  /**
   * Makes the directory if need be, and takes it for this process.
   * @throws LogDirectoryError 'locked' | 'not-usable' | 'newer-version' | 'damaged'
   */
  static take(disk: Disk, path: string, logger: Logger): LogDirectory {
    const lock = takeLock(disk, path)
    try {
      const directory = new LogDirectory(disk, path, logger, lock)
      directory.#properties = readMetaProperties(disk, path)
      return directory
    } catch (error) {
      lock.release()
      if (error instanceof MetaPropertiesError) {
        const fault = error.isNewer ? 'newer-version' : 'damaged'
        throw new LogDirectoryError(fault, path, `log directory ${path}: ${error.message}`)
      }
      throw isSystemError(error) ? LogDirectoryError.notUsable(path, error) : error
    }
  }

  /** What `meta.properties` said when the directory was taken. */
  get properties(): MetaProperties | undefined {
    return this.#properties
  }

  /** Identity of the directory (KIP-858); known once it is formatted. */
  get directoryId(): string {
    return this.#directoryId
  }

  /** Writes `meta.properties` unless it says the same already. */
  format(clusterId: string, nodeId: number, newDirectoryId: () => string): void {
    const found = this.#properties
    this.#directoryId = found?.directoryId ?? newDirectoryId()
    const isComplete = found?.directoryId !== undefined && found.clusterId !== undefined
    if (isComplete && found.nodeId !== undefined) return
    const properties = { clusterId, nodeId, directoryId: this.#directoryId }
    writeMetaProperties(this.#disk, this.path, properties)
    this.#properties = properties
    this.#logger.info({ path: this.path, ...properties }, 'Formatted a log directory.')
  }

  /** Takes the mark of a clean shutdown away, so that a crash from now on is seen as one.
   *  @returns what it said; undefined when there was none and the logs need recovery. */
  takeCleanShutdown(): CleanShutdown | undefined {
    const clean = readCleanShutdown(this.#disk, this.path)
    if (clean) removeCleanShutdown(this.#disk, this.path)
    return clean
  }

  markCleanShutdown(brokerEpoch: number): void {
    writeCleanShutdown(this.#disk, this.path, brokerEpoch)
  }

  /** The partition directories in it, KRaft's own left out. Other directories are named in one log
   *  line and left alone. */
  partitions(): readonly FoundPartition[] {
    const found: FoundPartition[] = []
    const unknown: string[] = []
    for (const name of this.#disk.list(this.path)) {
      const path = `${this.path}/${name}`
      if (this.#disk.stat(path)?.type !== 'directory') continue
      const parsed = parsePartitionDirectory(name)
      if (!parsed) unknown.push(name)
      else if (parsed.topic !== METADATA_TOPIC) found.push({ ...parsed, path })
    }
    if (unknown.length > 0) {
      const fields = { path: this.path, unknown }
      this.#logger.info(fields, 'Left directories alone that are not partitions.')
    }
    return found
  }

  /** The offsets in a checkpoint file by partition name. A damaged file counts as empty: all there is
   *  to lose is time, as the logs themselves know better. */
  readCheckpoint(name: CheckpointName): ReadonlyMap<string, number> {
    const path = `${this.path}/${name}`
    try {
      const offsets = readOffsets(this.#disk, path)
      return new Map(offsets.map((at) => [partitionName(at.topic, at.partition), at.offset]))
    } catch (error) {
      if (!(error instanceof CorruptCheckpoint)) throw error
      this.#logger.warn({ path, error }, 'A checkpoint file is damaged and counts as empty.')
      return new Map()
    }
  }

  writeCheckpoint(name: CheckpointName, offsets: readonly PartitionOffset[]): void {
    writeOffsets(this.#disk, `${this.path}/${name}`, offsets)
  }

  /** As `writeCheckpoint`, off the loop. @param isWanted as `Disk.replaceFileOffLoop` asks. */
  writeCheckpointOffLoop(
    name: CheckpointName,
    offsets: readonly PartitionOffset[],
    isWanted: () => boolean,
  ): Promise<void> {
    return writeOffsetsOffLoop(this.#disk, `${this.path}/${name}`, offsets, isWanted)
  }

  /** Makes the names in it survive a power cut, off the loop and for all who ask together. */
  syncNames(): Promise<void> {
    return this.#nameSyncs.run()
  }

  /** Bytes of the file system it lies on. */
  space(): { readonly totalBytes: number; readonly usableBytes: number } {
    return this.#disk.space(this.path)
  }

  /** Gives the lock back. */
  release(): void {
    try {
      this.#lock.release()
    } catch (error) {
      // A dead disk keeps its lock file; the next start sees that its owner is gone.
      this.#logger.warn({ path: this.path, error }, 'Could not remove a lock file.')
    }
  }
}

function takeLock(disk: Disk, path: string): DiskLock {
  let lock: DiskLock | undefined
  try {
    makeDurably(disk, path)
    lock = disk.lock(`${path}/.lock`)
  } catch (error) {
    throw isSystemError(error) ? LogDirectoryError.notUsable(path, error) : error
  }
  if (lock) return lock
  throw new LogDirectoryError(
    'locked',
    path,
    `log directory ${path} is in use by another broker: it holds ${path}/.lock`,
  )
}

/** Makes a directory and what is missing above it, so that a power cut leaves them there. */
function makeDurably(disk: Disk, path: string): void {
  if (disk.stat(path)) return
  const parent = dirname(path)
  makeDurably(disk, parent)
  disk.makeDirectory(path)
  disk.syncDirectory(parent)
}
