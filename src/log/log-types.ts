import type { Environment } from '../kernel/environment.ts'
import type { Logger } from '../kernel/logger.ts'
import type { FilePool } from './file-pool.ts'
import type { TailCache } from './tail-cache.ts'

/** The settings of a topic that its logs go by. Asked for at each use, as they change at any time. */
export interface LogConfig {
  readonly 'cleanup.policy': readonly string[]
  readonly 'delete.retention.ms': number
  readonly 'file.delete.delay.ms': number
  readonly 'flush.messages': number
  readonly 'flush.ms': number
  readonly 'index.interval.bytes': number
  readonly 'internal.segment.bytes'?: number | null
  readonly 'max.compaction.lag.ms': number
  readonly 'min.cleanable.dirty.ratio': number
  readonly 'min.compaction.lag.ms': number
  readonly preallocate: boolean
  readonly 'retention.bytes': number
  readonly 'retention.ms': number
  readonly 'segment.bytes': number
  readonly 'segment.index.bytes': number
  readonly 'segment.jitter.ms': number
  readonly 'segment.ms': number
}

/** What the owner of a log is told. */
export interface LogEvents {
  /** Everything below `endOffset` is written to the degree the topic's flush settings ask for, and
   *  may be acknowledged. Called once per turn in which that moved, never from within a call. */
  written(endOffset: number): void
  /** A disk call failed: the log takes no more appends. Called once. */
  failed(error: Error): void
}

export interface LogOptions {
  /** The partition's directory; it must exist. */
  readonly directory: string
  readonly topic: string
  readonly partition: number
  readonly config: () => LogConfig
  readonly environment: Environment
  readonly logger: Logger
  readonly tailCache: TailCache
  readonly files: FilePool
  /** Everything below it was synced, by the checkpoint; 0 when nothing is known. */
  readonly recoveryPoint: number
  /** By the checkpoint; 0 when nothing is known. */
  readonly logStartOffset: number
  /** Up to where it was compacted, by the checkpoint; undefined when nothing is known. */
  readonly cleanedTo?: number | undefined
  /** Whether the directory was closed in order, so that its files are what they should be. */
  readonly cleanShutdown: boolean
  /** `producer.id.expiration.ms`. */
  readonly producerExpirationMs: () => number
  readonly events: LogEvents
}

/** Bytes at which a segment is full. */
export function segmentBytes(config: LogConfig): number {
  return config['internal.segment.bytes'] ?? config['segment.bytes']
}

/** Age at which a segment is full: of a compacted topic, early enough to be compacted in time. */
export function segmentMs(config: LogConfig): number {
  if (!config['cleanup.policy'].includes('compact')) return config['segment.ms']
  return Math.min(config['segment.ms'], config['max.compaction.lag.ms'])
}
