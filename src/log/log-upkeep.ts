import type { Environment } from '../kernel/environment.ts'
import type { Logger } from '../kernel/logger.ts'
import { KafkaError } from '../protocol/errors.ts'
import { type CleanerConfig, LogCleaner } from './cleaner/log-cleaner.ts'
import { DueTask } from './due-task.ts'
import type { HostedLog } from './hosted-log.ts'

/** The broker settings that say how often logs are looked after. */
export interface UpkeepConfig extends CleanerConfig {
  readonly 'log.initial.task.delay.ms': number
  readonly 'log.retention.check.interval.ms': number
  readonly 'producer.id.expiration.check.interval.ms': number
}

export interface UpkeepOptions {
  readonly environment: Environment
  readonly logger: Logger
  readonly config: () => UpkeepConfig
  readonly logs: () => readonly HostedLog[]
  /** Told when logs may begin at other offsets than before. */
  readonly onRetained: () => void
  /** Told when a log has been compacted. */
  readonly onCleaned: () => void
}

/** What is done to all logs from time to time: old segments go, superseded records go, producers not
 *  seen for long are forgotten. Nothing is due while there is no log. */
export class LogUpkeep {
  readonly #options: UpkeepOptions
  readonly #retention: DueTask
  readonly #expiry: DueTask
  readonly #cleaner: LogCleaner
  #isPlanned = false

  constructor(options: UpkeepOptions) {
    this.#options = options
    this.#expiry = new DueTask(options.environment, () => this.#expire())
    this.#retention = new DueTask(options.environment, () => this.#retain())
    this.#cleaner = new LogCleaner(options)
  }

  /** There is a log to look after. */
  logAdded(): void {
    this.#cleaner.logAdded()
    if (this.#isPlanned) return
    this.#isPlanned = true
    const config = this.#options.config()
    this.#retention.within(config['log.initial.task.delay.ms'])
    this.#expiry.within(config['producer.id.expiration.check.interval.ms'])
  }

  /** Resolves when nothing is going on any more. */
  stop(): Promise<void> {
    this.#retention.stop()
    this.#expiry.stop()
    return this.#cleaner.stop()
  }

  #retain(): void {
    for (const { log } of this.#options.logs()) {
      try {
        log.applyRetention()
      } catch (error) {
        if (!(error instanceof KafkaError)) throw error // its owner has been told of a failed log
      }
    }
    this.#options.onRetained()
    this.#isPlanned = this.#options.logs().length > 0
    if (!this.#isPlanned) {
      this.#expiry.cancel()
      return
    }
    this.#retention.within(this.#options.config()['log.retention.check.interval.ms'])
  }

  #expire(): void {
    for (const { log } of this.#options.logs()) log.expireProducers()
    this.#expiry.within(this.#options.config()['producer.id.expiration.check.interval.ms'])
  }
}
