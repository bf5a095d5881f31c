import type { DiskOperation } from '../kernel/disk-faults.ts'
import type { Environment } from '../kernel/environment.ts'
import { collectingLogger } from '../kernel/logger.ts'
import type { MemoryDisk } from '../kernel/memory-disk.ts'
import { type SimulatedHost, Simulation } from '../kernel/simulated-environment.ts'
import * as batch from '../records/batch.ts'
import { BatchBuilder, type BatchOptions } from '../records/builder.ts'
import { recordsOf } from '../records/records.ts'
import type { Prepared } from '../records/validate.ts'
import { FilePool, type FilePoolLimits } from './file-pool.ts'
import { type AppendResult, Log, type ReadResult } from './log.ts'
import type { LogConfig } from './log-types.ts'
import { TailCache } from './tail-cache.ts'

/** For the tests of this folder: one log on a simulated machine. */

/** Where its partition lives. */
export const DIRECTORY = '/data/orders-0'

/** Time of the first record of a test, ms since 1970. */
export const T0 = 1_767_225_600_000

/** The settings of an ordinary topic. */
export const DEFAULT_LOG_CONFIG: LogConfig = {
  'cleanup.policy': ['delete'],
  'delete.retention.ms': 86_400_000,
  'file.delete.delay.ms': 60_000,
  'flush.messages': Number.MAX_VALUE,
  'flush.ms': Number.MAX_VALUE,
  'index.interval.bytes': 4096,
  'max.compaction.lag.ms': Number.MAX_VALUE,
  'min.cleanable.dirty.ratio': 0.5,
  'min.compaction.lag.ms': 0,
  preallocate: false,
  'retention.bytes': -1,
  'retention.ms': 7 * 86_400_000,
  'segment.bytes': 1_073_741_824,
  'segment.index.bytes': 10_485_760,
  'segment.jitter.ms': 0,
  'segment.ms': 7 * 86_400_000,
}

export interface TestLogOptions {
  readonly seed?: number
  readonly config?: Partial<LogConfig>
  readonly tailCacheBytes?: number
  readonly limits?: Partial<FilePoolLimits>
}

/** One log through several lives of its machine. */
export class TestLog {
  readonly simulation: Simulation
  readonly host: SimulatedHost
  readonly logger = collectingLogger()
  /** May be changed at any time, as a topic's settings. */
  config: LogConfig
  /** What `events.written` said in this life. */
  written: number[] = []
  failures: Error[] = []
  readonly #options: TestLogOptions
  #log: Log | undefined

  constructor(options: TestLogOptions = {}) {
    this.#options = options
    this.config = { ...DEFAULT_LOG_CONFIG, ...options.config }
    this.simulation = new Simulation(options.seed ?? 1)
    this.host = this.simulation.host('a')
    this.host.disk.makeDirectory(DIRECTORY)
    this.host.disk.syncDirectory('/')
    this.host.disk.syncDirectory('/data')
  }

  get disk(): MemoryDisk {
    return this.host.disk
  }

  get log(): Log {
    return this.#log!
  }

  get environment(): Environment {
    return this.host.environment()
  }

  get nowMs(): number {
    return this.environment.clock.now()
  }

  /** Opens the log as a started process does. */
  async open(start: Partial<Start> = {}): Promise<Log> {
    this.written = []
    this.failures = []
    const environment = this.host.environment()
    this.#log = await this.simulation.until(
      Log.open({
        directory: DIRECTORY,
        topic: 'orders',
        partition: 0,
        config: () => this.config,
        environment,
        logger: this.logger,
        tailCache: new TailCache(this.#options.tailCacheBytes),
        files: new FilePool(environment.disk, this.#options.limits),
        recoveryPoint: 0,
        logStartOffset: 0,
        cleanShutdown: false,
        producerExpirationMs: () => 86_400_000,
        events: {
          written: (endOffset) => this.written.push(endOffset),
          failed: (error) => this.failures.push(error),
        },
        ...start,
      }),
    )
    return this.#log
  }

  /** Closes it in good order and opens it again, as a planned restart does. */
  async restart(): Promise<Log> {
    const { logStartOffset } = this.log
    await this.simulation.until(this.log.close(true))
    return this.open({ cleanShutdown: true, logStartOffset, recoveryPoint: this.log.logEndOffset })
  }

  /** Ends the turn: what was appended is written. */
  turn(): Promise<void> {
    return this.simulation.advance(0)
  }

  async settle<T>(promise: T | Promise<T>): Promise<T> {
    return this.simulation.until(Promise.resolve(promise))
  }

  append(batchBytes: Uint8Array, leaderEpoch = 0): AppendResult {
    const options = { leaderEpoch, nowMs: this.nowMs, origin: 'client' } as const
    return this.log.append(prepared(batchBytes), options)
  }

  /** All batches that a reader sees from `offset` on, in reads of `maxBytes`. */
  async readAll(offset = this.log.logStartOffset, maxBytes = 1_048_576): Promise<Uint8Array> {
    const chunks: Uint8Array[] = []
    for (let next = offset; ; ) {
      const read = await this.read(next, maxBytes)
      if (read.sizeBytes === 0) return Buffer.concat(chunks)
      chunks.push(...read.chunks.map((chunk) => chunk.slice()))
      next = read.nextOffset
      read.release()
    }
  }

  read(offset: number, maxBytes = 1_048_576, minOneBatch = true): Promise<ReadResult> {
    const upToOffset = Number.MAX_SAFE_INTEGER
    return this.settle(this.log.read({ offset, maxBytes, minOneBatch, upToOffset }))
  }

  path(offset: number, suffix: string): string {
    return `${DIRECTORY}/${String(offset).padStart(20, '0')}${suffix}`
  }

  files(): readonly string[] {
    return this.disk.list(DIRECTORY).toSorted()
  }
}

interface Start {
  readonly recoveryPoint: number
  readonly logStartOffset: number
  readonly cleanedTo: number | undefined
  readonly cleanShutdown: boolean
}

/** Calls of one kind on a disk from now on: the paths they were made for. */
export function watch(disk: MemoryDisk, operation: DiskOperation, path: RegExp): readonly string[] {
  const seen: string[] = []
  const { faults } = disk
  faults.add({ operation, times: 0 }) // as long as there is no fault at all the disk asks for none
  const on = faults.on.bind(faults)
  faults.on = (called, calledPath) => {
    if (called === operation && path.test(calledPath)) seen.push(calledPath)
    return on(called, calledPath)
  }
  return seen
}

/** A batch of records with these values, as a producer sends it. */
export function batchOf(
  values: readonly string[],
  options: BatchOptions & { readonly timestamp?: number } = {},
): Uint8Array {
  const builder = new BatchBuilder(options)
  const timestamp = options.timestamp ?? T0
  for (const value of values) builder.append({ value, timestamp })
  return builder.build()
}

/** A batch of one record that takes about `sizeBytes`. */
export function batchOfBytes(sizeBytes: number, options: Parameters<typeof batchOf>[1] = {}) {
  return batchOf(['x'.repeat(Math.max(0, sizeBytes - 80))], options)
}

/** What `prepareAppend` makes of a batch that needs no change. */
export function prepared(bytes: Uint8Array): Prepared {
  return {
    bytes,
    logAppendTimeMs: -1,
    maxTimestamp: batch.maxTimestamp(bytes),
    offsetOfMaxTimestamp: batch.lastOffsetDelta(bytes),
    recordCount: batch.recordCount(bytes),
    producerId: batch.producerId(bytes),
    producerEpoch: batch.producerEpoch(bytes),
    baseSequence: batch.baseSequence(bytes),
    isTransactional: batch.isTransactional(bytes),
  }
}

/** Offset and value of every record in consecutive batches. */
export function recordsIn(bytes: Uint8Array): { offset: number; value: string }[] {
  const records: { offset: number; value: string }[] = []
  batch.forEachBatch(bytes, (at) => {
    for (const { offset, value } of recordsOf(bytes, at, 64 * 1024 * 1024)) {
      records.push({ offset, value: Buffer.from(value ?? []).toString() })
    }
  })
  return records
}
