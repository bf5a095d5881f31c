import type { Environment } from '../kernel/environment.ts'
import { KafkaError } from '../protocol/errors.ts'
import { DueTask } from './due-task.ts'
import type { Log } from './log.ts'

/** The broker settings that say how often logs are looked after. */
export interface UpkeepConfig {
  readonly 'log.initial.task.delay.ms': number
  readonly 'log.retention.check.interval.ms': number
  readonly 'producer.id.expiration.check.interval.ms': number
}

export interface UpkeepOptions {
  readonly environment: Environment
  readonly config: () => UpkeepConfig
  readonly logs: () => readonly Log[]
  /** Told when logs may begin at other offsets than before. */
  readonly onRetained: () => void
}

/** What is done to all logs from time to time: old segments go, producers not seen for long are
 *  forgotten. Nothing is due while there is no log. */
export class LogUpkeep {
  readonly #options: UpkeepOptions
  readonly #retention: DueTask
  readonly #expiry: DueTask
  #isPlanned = false

  constructor(options: UpkeepOptions) {
    this.#options = options
    this.#expiry = new DueTask(options.environment, () => this.#expire())
    this.#retention = new DueTask(options.environment, () => this.#retain())
  }

  /** There is a log to look after. */
  logAdded(): void {
    if (this.#isPlanned) return
    this.#isPlanned = true
    const config = this.#options.config()
    this.#retention.within(config['log.initial.task.delay.ms'])
    this.#expiry.within(config['producer.id.expiration.check.interval.ms'])
  }

  stop(): void {
    this.#retention.stop()
    this.#expiry.stop()
  }

  #retain(): void {
    for (const log of this.#options.logs()) {
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
    for (const log of this.#options.logs()) log.expireProducers()
    this.#expiry.within(this.#options.config()['producer.id.expiration.check.interval.ms'])
  }
}
