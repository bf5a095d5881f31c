import type { Environment } from '../../kernel/environment.ts'
import type { Logger } from '../../kernel/logger.ts'
import { KafkaError } from '../../protocol/errors.ts'
import { DueTask } from '../due-task.ts'
import type { HostedLog } from '../hosted-log.ts'
import { partitionName } from '../partition-directory.ts'
import { isOutOfSpace } from './clean-log.ts'
import { CleaningAbandoned, type CleaningMeans } from './cleaning-means.ts'
import type { CleaningPlan } from './cleaning-plan.ts'
import { Pace } from './pace.ts'
import { Throttle } from './throttle.ts'

/** The broker settings that compaction goes by. */
export interface CleanerConfig {
  readonly 'log.cleaner.backoff.ms': number
  readonly 'log.cleaner.dedupe.buffer.size': number
  readonly 'log.cleaner.enable': boolean
  readonly 'log.cleaner.io.buffer.load.factor': number
  readonly 'log.cleaner.io.buffer.size': number
  readonly 'log.cleaner.io.max.bytes.per.second': number
  readonly 'log.cleaner.threads': number
}

export interface LogCleanerOptions {
  readonly environment: Environment
  readonly logger: Logger
  /** Asked for at each use, as settings change at any time. */
  readonly config: () => CleanerConfig
  /** Those online. */
  readonly logs: () => Iterable<HostedLog>
  /** Told when a log has been compacted: its checkpoint is to be written. */
  readonly onCleaned: (hosted: HostedLog) => void
}

interface Candidate {
  readonly hosted: HostedLog
  readonly plan: CleaningPlan
}

/**
 * Compacts the logs of a broker, the dirtiest first, `log.cleaner.threads` of them at a time: there are
 * no threads, but as many compactions wait for the disk side by side and share memory and rate. Their
 * work on the event loop comes in slices of half a millisecond (decision 8). When nothing is due it
 * rests for `log.cleaner.backoff.ms`. A log that cannot be compacted is named once and left alone until
 * the next start; one that found the disk full is tried again after the rest.
 */
export class LogCleaner {
  readonly #options: LogCleanerOptions
  readonly #task: DueTask
  readonly #throttle: Throttle
  readonly #pace: Pace
  readonly #running = new Map<HostedLog, Promise<void>>()
  readonly #uncleanable = new WeakSet<HostedLog>()
  /** They found the disk full: not again before the next look. */
  readonly #resting = new Set<HostedLog>()
  #isStopped = false

  constructor(options: LogCleanerOptions) {
    const { environment, config } = options
    this.#options = options
    this.#pace = new Pace(environment)
    this.#task = new DueTask(environment, () => this.#look())
    this.#throttle = new Throttle(
      environment,
      () => config()['log.cleaner.io.max.bytes.per.second'],
    )
  }

  /** There is a log to look after. */
  logAdded(): void {
    const config = this.#options.config()
    if (config['log.cleaner.enable']) this.#task.within(config['log.cleaner.backoff.ms'])
  }

  /** Ends all work. Resolves when nothing is going on any more; what had begun is thrown away. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#task.stop()
    this.#throttle.release()
    this.#pace.release()
    await Promise.all(this.#running.values())
  }

  /** Whether a log is left alone because it could not be compacted. */
  isUncleanable(hosted: HostedLog): boolean {
    return this.#uncleanable.has(hosted)
  }

  #look(): void {
    this.#resting.clear()
    this.#begin()
    let isAny = false
    for (const _ of this.#options.logs()) isAny = true
    if (isAny) this.logAdded()
  }

  /** Begins as many compactions as may run side by side. */
  #begin(): void {
    while (!this.#isStopped && this.#running.size < this.#options.config()['log.cleaner.threads']) {
      const next = this.#dirtiest()
      if (!next) return
      const run = this.#clean(next).finally(() => {
        this.#running.delete(next.hosted)
        this.#begin()
      })
      this.#running.set(next.hosted, run)
    }
  }

  #dirtiest(): Candidate | undefined {
    let dirtiest: Candidate | undefined
    for (const hosted of this.#options.logs()) {
      if (this.#running.has(hosted) || this.#resting.has(hosted)) continue
      if (this.#uncleanable.has(hosted)) continue
      const plan = this.#planOf(hosted)
      if (!plan?.isDue) continue
      if (!dirtiest || plan.dirtyRatio > dirtiest.plan.dirtyRatio) dirtiest = { hosted, plan }
    }
    return dirtiest
  }

  #planOf(hosted: HostedLog): CleaningPlan | undefined {
    try {
      return hosted.log.planCleaning()
    } catch (error) {
      if (error instanceof KafkaError) return undefined // its owner has been told of a failed log
      throw error
    }
  }

  /** Never rejects for an error of a log or its disk. */
  async #clean({ hosted, plan }: Candidate): Promise<void> {
    const { environment, logger, onCleaned } = this.#options
    const partition = partitionName(hosted.topic, hosted.partition)
    const startMs = environment.clock.monotonic()
    try {
      const result = await hosted.log.clean(plan, this.#means())
      const ms = Math.round(environment.clock.monotonic() - startMs)
      logger.info({ partition, ...result, ms }, 'Compacted a log.')
      onCleaned(hosted)
    } catch (error) {
      this.#failed(hosted, partition, error)
    }
  }

  #failed(hosted: HostedLog, partition: string, error: unknown): void {
    const { logger } = this.#options
    if (error instanceof CleaningAbandoned) {
      this.#resting.add(hosted)
    } else if (isOutOfSpace(error)) {
      this.#resting.add(hosted)
      logger.warn({ partition, error }, 'The disk is too full to compact a log.')
    } else if (!(error instanceof KafkaError)) {
      throw error
    } else if (error.error !== 'KAFKA_STORAGE_ERROR') {
      this.#uncleanable.add(hosted)
      logger.error({ partition, error }, 'A log cannot be compacted; left alone until a restart.')
    }
  }

  /** Each of those that may run gets the same part of memory. */
  #means(): CleaningMeans {
    const config = this.#options.config()
    const parts = Math.max(1, config['log.cleaner.threads'])
    const bytes = Math.min(config['log.cleaner.dedupe.buffer.size'] / parts, LARGEST_MAP_BYTES)
    const bufferBytes = Math.floor(config['log.cleaner.io.buffer.size'] / parts / 2)
    return {
      pace: this.#pace,
      throttle: this.#throttle,
      map: { bytes, loadFactor: config['log.cleaner.io.buffer.load.factor'] },
      bufferBytes: Math.min(Math.max(bufferBytes, SMALLEST_BUFFER_BYTES), LARGEST_BUFFER_BYTES),
      isStopped: () => this.#isStopped,
    }
  }
}

/** A map has at most 2^31 bytes in Kafka too. */
const LARGEST_MAP_BYTES = 0x7fff_ffff
const SMALLEST_BUFFER_BYTES = 4 * 1024
/** A write of more takes the disk too long at a time. */
const LARGEST_BUFFER_BYTES = 1024 * 1024
