import { assert } from '../kernel/assert.ts'
import type { Environment } from '../kernel/environment.ts'
import type { Logger } from '../kernel/logger.ts'
import { KafkaError } from '../protocol/errors.ts'
import { type CheckpointConfig, checkpointKinds } from './checkpoint-kinds.ts'
import { leastUsed } from './directory-choice.ts'
import { type DecideFate, loadDirectory } from './directory-load.ts'
import { FilePool } from './file-pool.ts'
import { HostedLog, type LogPlace, type LogStart, NEW_LOG } from './hosted-log.ts'
import { inParallel } from './in-parallel.ts'
import { LogCheckpoints } from './log-checkpoints.ts'
import { describeDirectory, type LogDirectoryDescription } from './log-description.ts'
import type { FoundPartition, LogDirectory } from './log-directory.ts'
import { LogDirectoryError, systemErrorIn } from './log-directory-error.ts'
import { startDirectories } from './log-start.ts'
import type { LogConfig } from './log-types.ts'
import { LogUpkeep, type UpkeepConfig } from './log-upkeep.ts'
import { partitionName, type RemovalKind, removedPartitionName } from './partition-directory.ts'
import { writePartitionTopicId, writePartitionTopicIdOffLoop } from './partition-metadata-file.ts'
import { randomHexId } from './random-id.ts'
import { RemovedDirectories } from './removed-directories.ts'
import { TailCache } from './tail-cache.ts'

/** The broker settings that the logs as a whole go by. */
export interface LogManagerConfig extends CheckpointConfig, UpkeepConfig {
  readonly 'log.segment.delete.delay.ms': number
  readonly 'num.recovery.threads.per.data.dir': number
  readonly 'producer.id.expiration.ms': number
}

export interface LogManagerOptions {
  /** Absolute paths, in the order of the configuration. */
  readonly logDirs: readonly string[]
  /** undefined takes what the directories say, or makes a new cluster. */
  readonly clusterId?: string | undefined
  readonly nodeId: number
  /** Asked for at each use, as settings change at any time. */
  readonly config: () => LogManagerConfig
  readonly topicConfig: (topic: string) => LogConfig
  readonly environment: Environment
  readonly logger: Logger
  readonly files?: FilePool
  readonly tailCache?: TailCache
  /** For the checkpoint of high watermarks; undefined for a partition that is nobody's yet. */
  readonly highWatermark?: (topic: string, partition: number) => number | undefined
  /** Told after a directory has gone offline and the owners of its logs know. */
  readonly onOffline?: (offline: OfflineDirectory) => void
}

/** A log directory whose disk failed. */
export interface OfflineDirectory {
  readonly path: string
  readonly error: Error
  /** What was in it and is now nowhere on this broker. */
  readonly partitions: readonly { readonly topic: string; readonly partition: number }[]
  /** Whether no directory is left, so that the broker is of no use. */
  readonly isLast: boolean
}

/**
 * All logs of a broker in all its log directories, which are its own from `open` to `close`. A
 * directory whose disk fails goes offline with all its logs, the others live on.
 */
export class LogManager {
  readonly clusterId: string
  readonly #options: LogManagerOptions
  readonly #files: FilePool
  readonly #tailCache: TailCache
  /** Those online. */
  readonly #directories: Set<LogDirectory>
  readonly #offline: Map<string, Error>
  /** By partition name, as the next three. */
  readonly #logs = new Map<string, HostedLog>()
  readonly #creating = new Map<string, Promise<HostedLog>>()
  readonly #placing = new Map<string, LogDirectory>()
  readonly #highWatermarks = new Map<string, number>()
  readonly #future = new Map<LogDirectory, readonly FoundPartition[]>()
  readonly #checkpoints: LogCheckpoints
  readonly #removed: RemovedDirectories
  readonly #upkeep: LogUpkeep
  #hadUncleanStop = false
  #isClosed = false

  private constructor(options: LogManagerOptions) {
    const { config, environment, logger } = options
    const { disk, random } = environment
    const { clusterId, logDirs, nodeId } = options
    const started = startDirectories({ logDirs, clusterId, nodeId, disk, random, logger })
    this.clusterId = started.clusterId
    this.#options = options
    this.#files = options.files ?? new FilePool(disk)
    this.#tailCache = options.tailCache ?? new TailCache()
    this.#directories = new Set(started.directories)
    this.#offline = new Map(started.offline)
    this.#removed = new RemovedDirectories(environment, logger)
    this.#checkpoints = new LogCheckpoints(
      environment,
      checkpointKinds(config, {
        logsIn: (directory) => this.#logsIn(directory),
        highWatermark: (topic, partition) =>
          options.highWatermark?.(topic, partition) ??
          this.#highWatermarks.get(partitionName(topic, partition)),
      }),
      () => [...this.#directories],
      (directory, error) => this.#fail(directory, error),
    )
    this.#upkeep = new LogUpkeep({
      environment,
      config,
      logger,
      logs: () => [...this.#logs.values()],
      onRetained: () => this.logStartMoved(),
      onCleaned: () => this.#checkpoints.changed('cleaner-offset-checkpoint'),
    })
  }

  /**
   * Takes the log directories, formatting those that are new. The logs in them are there after `load`.
   * @throws LogDirectoryError when one is not this broker's or not in order; nothing stays taken.
   */
  static take(options: LogManagerOptions): LogManager {
    return new LogManager(options)
  }

  /** `take` and `load` in one, for those who know the settings of all topics. */
  static async open(options: LogManagerOptions): Promise<LogManager> {
    const manager = LogManager.take(options)
    try {
      await manager.load()
      return manager
    } catch (error) {
      await manager.abandon()
      throw error
    }
  }

  /**
   * Opens the logs in the directories, by the settings of their topics: they must be known by now.
   * @param fateOf which of them. Those of one partition may be in two directories, when one failed while
   *   the other took its place; then the one without records goes.
   * @throws LogDirectoryError (rejects) when one is not in order; then `abandon` is due.
   * Time: the logs of a directory that was not closed in good order are read past their recovery
   * points, `num.recovery.threads.per.data.dir` of them at a time.
   */
  async load(fateOf: DecideFate = () => 'open'): Promise<void> {
    const loads = await Promise.allSettled(
      Array.from(this.#directories, (directory) => this.#load(directory, fateOf)),
    )
    const failed = loads.find(({ status }) => status === 'rejected')
    if (failed?.status === 'rejected') throw failed.reason
  }

  /** Whether a directory lacked the mark of a clean shutdown when it was opened: records may be gone
   *  that were acknowledged. True of a new directory as well. */
  get hadUncleanStop(): boolean {
    return this.#hadUncleanStop
  }

  /** Every log that is online. */
  get logs(): Iterable<HostedLog> {
    return this.#logs.values()
  }

  /** Directories whose disk failed, and why. A partition that is not found may be in one of them. */
  get offline(): ReadonlyMap<string, Error> {
    return this.#offline
  }

  get(topic: string, partition: number): HostedLog | undefined {
    return this.#logs.get(partitionName(topic, partition))
  }

  /** The high watermark by the last checkpoint, 0 when there is none. It may be stale, not ahead. */
  checkpointedHighWatermark(topic: string, partition: number): number {
    return this.#highWatermarks.get(partitionName(topic, partition)) ?? 0
  }

  /** A high watermark has moved: its checkpoint is written within a while. */
  highWatermarkMoved(): void {
    this.#checkpoints.changed('replication-offset-checkpoint')
  }

  /** A log begins at another offset, by DeleteRecords: its checkpoint is written within a while. */
  logStartMoved(): void {
    this.#checkpoints.changed('log-start-offset-checkpoint')
  }

  /** Writes what is known of the logs in a directory now, as a cut of one of them asks for: what the
   *  files say must never be ahead. */
  checkpoint({ directory }: HostedLog): void {
    this.#checkpoints.write(directory)
  }

  /**
   * The log of a partition; when there is none, a new one in the directory with the fewest.
   * @param isNew whether the partition has never been on this broker. Otherwise its log is not made
   *   anew while a directory is offline that may hold it.
   * @throws KafkaError (rejects) INCONSISTENT_TOPIC_ID when the log is another topic's of the same
   *   name, KAFKA_STORAGE_ERROR when no directory can take it.
   */
  async getOrCreate(
    topic: string,
    partition: number,
    topicId: string,
    isNew: boolean,
  ): Promise<HostedLog> {
    assert(!this.#isClosed, 'a log is asked for after the logs were closed')
    const name = partitionName(topic, partition)
    const creating = this.#creating.get(name)
    const known = this.#logs.get(name) ?? (creating && (await creating))
    if (known) return this.#identify(known, topicId)
    if (!isNew && this.#offline.size > 0) {
      const paths = [...this.#offline.keys()].join(', ')
      throw new KafkaError('KAFKA_STORAGE_ERROR', `${name} may be in ${paths}, which is offline`)
    }
    const created = this.#create(topic, partition, topicId).finally(() => {
      this.#creating.delete(name)
      this.#placing.delete(name)
    })
    this.#creating.set(name, created)
    return created
  }

  /**
   * Takes a partition off the broker. Its name is free at once; its files go
   * `log.segment.delete.delay.ms` later. Nothing happens when there is no such log.
   * @throws KafkaError (rejects) KAFKA_STORAGE_ERROR when its directory fails.
   */
  async asyncDelete(topic: string, partition: number): Promise<void> {
    await this.#takeOff(topic, partition, 'delete')
  }

  /**
   * Puts a partition aside that the metadata knows nothing of, under a name of its own that is never
   * looked at again: a person decides whether its files go.
   * @throws KafkaError (rejects) KAFKA_STORAGE_ERROR when its directory fails.
   */
  async setAside(topic: string, partition: number): Promise<void> {
    await this.#takeOff(topic, partition, 'stray')
  }

  async #takeOff(topic: string, partition: number, kind: RemovalKind): Promise<void> {
    const name = partitionName(topic, partition)
    const creating = this.#creating.get(name)
    const hosted = this.#logs.get(name) ?? (creating && (await creating))
    if (!hosted || this.#logs.get(name) !== hosted) return
    this.#logs.delete(name)
    this.#highWatermarks.delete(name)
    try {
      await this.#end(hosted, kind)
    } catch (error) {
      throw this.#storageError(hosted.directory, error)
    }
  }

  /** Ends the use of an open log under another name. */
  async #end(hosted: HostedLog, kind: RemovalKind): Promise<void> {
    hosted.log.moveTo(this.#rename(hosted, kind))
    await hosted.log.close(false)
  }

  /** Gives a partition directory the name for its removal. @returns its new path. */
  #rename({ topic, partition, path: from, directory }: LogPlace, kind: RemovalKind): string {
    const { environment, config, logger } = this.#options
    const id = randomHexId(environment.random)
    const path = `${directory.path}/${removedPartitionName(topic, partition, id, kind)}`
    environment.disk.rename(from, path)
    this.#checkpoints.outdated(directory)
    environment.disk.syncDirectory(directory.path)
    const fields = { partition: partitionName(topic, partition), path }
    if (kind === 'delete') {
      this.#removed.add(path, config()['log.segment.delete.delay.ms'])
      logger.info(fields, 'A partition is deleted.')
    } else logger.warn(fields, 'Put aside a partition that no topic has; its files are kept.')
    return path
  }

  /** All log directories as DescribeLogDirs shows them, in no order. */
  describe(): readonly LogDirectoryDescription[] {
    const { disk } = this.#options.environment
    const online: LogDirectoryDescription[] = []
    for (const directory of [...this.#directories]) {
      try {
        const future = this.#future.get(directory) ?? []
        online.push(describeDirectory(disk, directory, this.#logsIn(directory), future))
      } catch (error) {
        this.#storageError(directory, error)
      }
    }
    const offline = Array.from(this.#offline, ([path, failure]) => {
      return { path, failure, totalBytes: -1, usableBytes: -1, logs: [] }
    })
    return [...online, ...offline]
  }

  /**
   * Flushes and closes every log, writes the checkpoints, marks the directories as closed in good
   * order, and gives them back.
   * @param brokerEpoch goes into the mark (KIP-966), -1 for none.
   */
  async close(brokerEpoch = -1): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await Promise.allSettled(this.#creating.values())
    await this.#upkeep.stop()
    await this.#removed.stop()
    await this.#checkpoints.stop()
    const closing = Array.from(this.#directories, (directory) => {
      return this.#closeDirectory(directory, brokerEpoch)
    })
    await Promise.all(closing)
  }

  /** Gives the directories back without a mark, as a crash would: the start has failed before the
   *  cluster was told of an unclean stop. */
  async abandon(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await this.#upkeep.stop()
    await this.#removed.stop()
    await this.#checkpoints.stop()
    await Promise.all(Array.from(this.#logs.values(), ({ log }) => log.close(false)))
    for (const directory of this.#directories) directory.release()
  }

  async #load(directory: LogDirectory, fateOf: DecideFate): Promise<void> {
    const { environment, logger, config } = this.#options
    try {
      const loaded = await loadDirectory({
        directory,
        disk: environment.disk,
        logger,
        parallel: config()['num.recovery.threads.per.data.dir'],
        fateOf,
        remove: (place, kind) => this.#rename(place, kind),
        open: (place, start) => this.#open(place, start),
        opened: (hosted) => this.#add(hosted),
      })
      if (!loaded.cleanShutdown) this.#hadUncleanStop = true
      const delayMs = config()['log.segment.delete.delay.ms']
      for (const { path } of loaded.deleted) this.#removed.add(path, delayMs)
      for (const [name, offset] of loaded.highWatermarks) {
        if (this.#logs.get(name)?.directory === directory) this.#highWatermarks.set(name, offset)
      }
      this.#future.set(directory, loaded.future)
      if (this.#saysTooMuch(directory, loaded.recoveryPoints)) this.#checkpoints.write(directory)
    } catch (error) {
      const cause = systemErrorIn(error)
      if (!cause) throw error
      if (this.#directories.size === 1) throw LogDirectoryError.notUsable(directory.path, cause)
      this.#fail(directory, cause)
    }
  }

  /** Whether recovery points are ahead of their logs, or of logs that are gone: a new log of the name
   *  would take them for its own after a crash. */
  #saysTooMuch(directory: LogDirectory, recoveryPoints: ReadonlyMap<string, number>): boolean {
    for (const [name, offset] of recoveryPoints) {
      const hosted = this.#logs.get(name)
      if (hosted?.directory !== directory || offset > hosted.log.recoveryPoint) return true
    }
    return false
  }

  /** Takes an opened log in. Of two of one partition the one that has never had a record goes.
   *  @throws LogDirectoryError (rejects) when both have. */
  async #add(hosted: HostedLog): Promise<void> {
    const name = partitionName(hosted.topic, hosted.partition)
    const failure = this.#offline.get(hosted.directory.path)
    const other = this.#logs.get(name)
    const isTwice = other !== undefined && other.log.logEndOffset > 0 && hosted.log.logEndOffset > 0
    if (failure || isTwice) hosted.discard()
    if (failure) throw offlineError(hosted.directory, failure)
    if (isTwice) throw LogDirectoryError.twice(name, other.path, hosted.path)
    const isFirst = other === undefined || hosted.log.logEndOffset > 0
    if (isFirst) this.#logs.set(name, hosted)
    this.#upkeep.logAdded()
    if (other) await this.#endEmpty(isFirst ? other : hosted)
  }

  async #endEmpty(hosted: HostedLog): Promise<void> {
    try {
      await this.#end(hosted, 'delete')
    } catch (error) {
      const failure = this.#storageError(hosted.directory, error)
      if (failure === error) throw error
    }
  }

  #open(place: LogPlace, start: LogStart): Promise<HostedLog> {
    const { environment, logger, topicConfig, config } = this.#options
    const shared = {
      environment,
      logger,
      files: this.#files,
      tailCache: this.#tailCache,
      topicConfig,
      producerExpirationMs: () => config()['producer.id.expiration.ms'],
    }
    return HostedLog.open(place, start, shared, {
      written: () => this.#checkpoints.changed('recovery-point-offset-checkpoint'),
      failed: (error) => this.#fail(place.directory, error),
    })
  }

  async #create(topic: string, partition: number, topicId: string): Promise<HostedLog> {
    const { disk } = this.#options.environment
    const name = partitionName(topic, partition)
    for (;;) {
      const placed = [...this.#logs.values()].map((hosted) => hosted.directory)
      const directory = leastUsed(this.#directories, [...placed, ...this.#placing.values()])
      if (!directory)
        throw new KafkaError('KAFKA_STORAGE_ERROR', `no directory is left for ${name}`)
      const path = `${directory.path}/${name}`
      this.#placing.set(name, directory)
      try {
        this.#checkpoints.settle()
        disk.makeDirectory(path)
        await writePartitionTopicIdOffLoop(disk, path, topicId)
        await directory.syncNames()
        const hosted = await this.#open({ topic, partition, path, directory, topicId }, NEW_LOG)
        await this.#add(hosted)
        return hosted
      } catch (error) {
        // A failed directory is offline now, and the next one is tried.
        const failure = this.#storageError(directory, error)
        if (failure === error) throw error
      }
    }
  }

  /** Holds a log to the topic id it should have, and gives it the one it has lost. */
  #identify(hosted: HostedLog, topicId: string): HostedLog {
    if (hosted.topicId === topicId) return hosted
    if (hosted.topicId !== undefined) {
      throw new KafkaError(
        'INCONSISTENT_TOPIC_ID',
        `${hosted.path} belongs to topic id ${hosted.topicId}, not to ${topicId}`,
      )
    }
    try {
      writePartitionTopicId(this.#options.environment.disk, hosted.path, topicId)
    } catch (error) {
      throw this.#storageError(hosted.directory, error)
    }
    hosted.topicId = topicId
    return hosted
  }

  /** Takes the directory offline if `error` is one of its disk. @returns what to throw. */
  #storageError(directory: LogDirectory, error: unknown): unknown {
    const cause = systemErrorIn(error)
    if (!cause) return error
    this.#fail(directory, cause)
    return offlineError(directory, cause)
  }

  #fail(directory: LogDirectory, error: Error): void {
    if (!this.#directories.delete(directory)) return
    const { path } = directory
    const failed = this.#logsIn(directory)
    for (const { topic, partition } of failed) this.#logs.delete(partitionName(topic, partition))
    this.#offline.set(path, error)
    this.#removed.abandon(path)
    directory.release()
    const partitions = failed.map(({ topic, partition }) => ({ topic, partition }))
    const isLast = this.#directories.size === 0
    this.#options.logger.error(
      { path, error, partitions: failed.length },
      'A log directory is offline: its disk does not work.',
    )
    for (const hosted of failed) hosted.fail(error)
    this.#options.onOffline?.({ path, error, partitions, isLast })
  }

  #logsIn(directory: LogDirectory): readonly HostedLog[] {
    return [...this.#logs.values()].filter((hosted) => hosted.directory === directory)
  }

  async #closeDirectory(directory: LogDirectory, brokerEpoch: number): Promise<void> {
    try {
      const parallel = this.#options.config()['num.recovery.threads.per.data.dir']
      await inParallel(this.#logsIn(directory), parallel, ({ log }) => log.close(true))
      this.#checkpoints.write(directory)
      if (this.#directories.has(directory)) directory.markCleanShutdown(brokerEpoch)
    } catch (error) {
      const { path } = directory
      this.#options.logger.error({ path, error }, 'A log directory was not closed in good order.')
      if (!systemErrorIn(error)) throw error
    } finally {
      directory.release()
    }
  }
}

function offlineError({ path }: LogDirectory, cause: Error): KafkaError {
  return new KafkaError('KAFKA_STORAGE_ERROR', `log directory ${path} is offline`, { cause })
}
