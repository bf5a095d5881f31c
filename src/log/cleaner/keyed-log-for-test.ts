import { assert } from '../../kernel/assert.ts'
import * as batch from '../../records/batch.ts'
import { BatchBuilder, type BatchOptions } from '../../records/builder.ts'
import { recordsOf } from '../../records/records.ts'
import { DIRECTORY, T0, TestLog, type TestLogOptions } from '../log-for-test.ts'
import type { CleaningResult } from './clean-log.ts'
import type { CleaningMeans } from './cleaning-means.ts'
import { Pace } from './pace.ts'
import { Throttle } from './throttle.ts'

/** For the tests of this folder: a compacted log on a simulated machine. */

/** A record with a key; without a value it is a tombstone. */
export interface Keyed {
  readonly key: string | null
  readonly value: string | null
  readonly timestamp?: number
}

/** A record as a reader finds it. */
export interface Found extends Keyed {
  readonly offset: number
}

export class KeyedLog extends TestLog {
  constructor(options: TestLogOptions = {}) {
    super({
      ...options,
      config: { 'cleanup.policy': ['compact'], 'min.cleanable.dirty.ratio': 0, ...options.config },
    })
  }

  /** Appends one batch, writes it and lets the high watermark follow. */
  async add(records: readonly Keyed[], options: BatchOptions = {}): Promise<number> {
    const { baseOffset } = this.append(keyedBatch(records, options))
    await this.turn()
    this.log.highWatermarkMoved(this.log.logEndOffset)
    return baseOffset
  }

  /** Closes the active segment, as an old one is. */
  roll(): void {
    const { config } = this
    this.config = { ...config, 'segment.ms': 0 }
    const isRolled = this.log.rollIfDue(Number.MAX_SAFE_INTEGER)
    this.config = config
    assert(isRolled, 'there was something to roll')
  }

  means(wanted: Partial<CleaningMeans> = {}): CleaningMeans {
    const { environment } = this
    return {
      pace: new Pace(environment),
      throttle: new Throttle(environment, () => Number.MAX_VALUE),
      map: { bytes: 1_000_000, loadFactor: 0.9 },
      bufferBytes: 4_096,
      isStopped: () => false,
      ...wanted,
    }
  }

  /** One compaction by what is due now. */
  async clean(wanted: Partial<CleaningMeans> = {}): Promise<CleaningResult> {
    const plan = this.log.planCleaning()
    assert(plan !== undefined, 'the log has a plan')
    return this.settle(this.log.clean(plan, this.means(wanted)))
  }

  /** All records in order, control records left out. */
  async records(): Promise<Found[]> {
    return keyedRecordsIn(await this.readAll())
  }

  /** Names of the segment files that are there for good. */
  logFiles(): readonly string[] {
    return this.files().filter((name) => name.endsWith('.log'))
  }

  bytesOf(name: string): Uint8Array {
    return this.disk.readFile(`${DIRECTORY}/${name}`)
  }
}

/** A batch of records with keys. */
export function keyedBatch(records: readonly Keyed[], options: BatchOptions = {}): Uint8Array {
  const builder = new BatchBuilder(options)
  for (const { key, value, timestamp = T0 } of records) builder.append({ key, value, timestamp })
  return builder.build()
}

/** The end of a transaction, as its coordinator writes it. */
export function markerBatch(
  type: 'commit' | 'abort',
  producerId: number,
  producerEpoch = 0,
): Uint8Array {
  const options = { producerId, producerEpoch, isTransactional: true, isControl: true }
  const key = Uint8Array.of(0, 0, 0, type === 'commit' ? 1 : 0)
  return new BatchBuilder(options).append({ key, value: new Uint8Array(6), timestamp: T0 }).build()
}

/** Every record in consecutive batches, control records left out. */
export function keyedRecordsIn(bytes: Uint8Array): Found[] {
  const found: Found[] = []
  batch.forEachBatch(bytes, (at) => {
    if (batch.isControlBatch(bytes, at)) return
    for (const { offset, key, value, timestamp } of recordsOf(bytes, at, 64 * 1024 * 1024)) {
      found.push({ offset, key: textOf(key), value: textOf(value), timestamp })
    }
  })
  return found
}

/** Headers of consecutive batches. */
export function headersIn(bytes: Uint8Array): (batch.BatchHeader & { at: number })[] {
  const headers: (batch.BatchHeader & { at: number })[] = []
  batch.forEachBatch(bytes, (at) => headers.push({ ...batch.readHeader(bytes, at), at }))
  return headers
}

function textOf(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString()
}
