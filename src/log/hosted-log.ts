import { assert } from '../kernel/assert.ts'
import { Log } from './log.ts'
import type { LogDirectory } from './log-directory.ts'
import type { LogConfig, LogEvents, LogOptions } from './log-types.ts'
import { partitionName } from './partition-directory.ts'

/** Where a log lives and what is known of it besides its content. */
export interface LogPlace {
  readonly topic: string
  readonly partition: number
  readonly directory: LogDirectory
  /** The partition's own directory. */
  readonly path: string
  /** By `partition.metadata`; undefined when that is missing or damaged. */
  readonly topicId: string | undefined
}

/** What the files of the log directory say of one log before it is opened. */
export type LogStart = Pick<
  LogOptions,
  'cleanShutdown' | 'recoveryPoint' | 'logStartOffset' | 'cleanedTo'
>

/** A log that was made just now. */
export const NEW_LOG: LogStart = { cleanShutdown: true, recoveryPoint: 0, logStartOffset: 0 }

/** What all logs of a broker have in common. */
export interface LogSharing
  extends Pick<
    LogOptions,
    'environment' | 'logger' | 'files' | 'tailCache' | 'producerExpirationMs'
  > {
  readonly topicConfig: (topic: string) => LogConfig
}

/**
 * An open log and its place. It stands between the log and the owner of the partition, because the
 * log is there first: logs are opened at start, owners come with the metadata.
 */
export class HostedLog implements LogPlace {
  readonly topic: string
  readonly partition: number
  readonly directory: LogDirectory
  readonly path: string
  readonly log: Log
  topicId: string | undefined
  #owner: LogEvents | undefined

  private constructor(place: LogPlace, log: Log) {
    this.topic = place.topic
    this.partition = place.partition
    this.directory = place.directory
    this.path = place.path
    this.topicId = place.topicId
    this.log = log
  }

  /** @param manager told after the owner of what is written, and instead of the owner of a failure. */
  static async open(
    place: LogPlace,
    start: LogStart,
    { topicConfig, ...shared }: LogSharing,
    manager: LogEvents,
  ): Promise<HostedLog> {
    const { topic, partition, path } = place
    let hosted: HostedLog | undefined
    const log = await Log.open({
      ...shared,
      ...start,
      directory: path,
      topic,
      partition,
      config: () => topicConfig(topic),
      logger: shared.logger.child({ partition: partitionName(topic, partition) }),
      events: {
        written(endOffset) {
          if (hosted) hosted.#owner?.written(endOffset)
          manager.written(endOffset)
        },
        failed: (error) => manager.failed(error),
      },
    })
    hosted = new HostedLog(place, log)
    return hosted
  }

  /** Tells `owner` from now on what happens to the log. There is one owner at a time. */
  listen(owner: LogEvents): void {
    assert(!this.#owner, `${this.path} has an owner already`)
    this.#owner = owner
  }

  /** The partition is nobody's for the moment. */
  unlisten(): void {
    this.#owner = undefined
  }

  /** Ends the use of the log: its directory is offline. */
  fail(error: Error): void {
    this.discard()
    this.#owner?.failed(error)
  }

  /** Closes the log as it is: what is not written is dropped. */
  discard(): void {
    this.log.close(false).catch(() => {}) // a dead disk may refuse even that
  }
}
