import type { Environment, Timer } from '../kernel/environment.ts'
import { KafkaError } from '../protocol/errors.ts'
import { type EndMarker, endMarkerBatch } from '../records/end-marker.ts'
import type { Partition } from '../replication/partition.ts'
import { Gathering, maxRecordBytes, roomOfBatch } from './gathering.ts'
import type { ProducerOfRecord, StoredRecord } from './machine.ts'
import type { RuntimeSettings } from './runtime.ts'

export interface RecordWriterOptions {
  readonly partition: Partition
  readonly environment: Pick<Environment, 'clock' | 'timers'>
  readonly settings: () => RuntimeSettings
  /** Told, at once, that records which had their offsets already cannot be appended. */
  readonly onLost: (error: KafkaError) => void
}

/**
 * Brings a machine's records into the log: those of one turn as one batch. A record has its offset
 * before it is appended, which is right as long as nobody else writes to the partition; that nobody
 * did is checked at each append.
 */
export class RecordWriter {
  readonly #options: RecordWriterOptions
  #gathering: Gathering | undefined
  /** Kept from batch to batch, so that a steady load leaves nothing to be collected. */
  #scratch: Uint8Array | undefined
  #isFlushPlanned = false
  #linger: Timer | undefined
  #endOffset = 0

  constructor(options: RecordWriterOptions) {
    this.#options = options
  }

  /** Behind the last record that was added, be it appended already or not. */
  get endOffset(): number {
    return this.#endOffset
  }

  /** Forgets what was gathered, and goes on behind what is in the log. */
  reset(endOffset: number): void {
    this.#gathering = undefined
    this.#linger?.cancel()
    this.#linger = undefined
    this.#endOffset = endOffset
  }

  /**
   * Sees to it that the records of one event can be added.
   * @param isDivisible they may be spread over several batches.
   * @returns false when making room for them lost those before.
   * @throws KafkaError as `Partition.checkMayAppend`, and RECORD_LIST_TOO_LARGE.
   */
  makeRoom(records: readonly StoredRecord[], isDivisible: boolean): boolean {
    const { partition, settings } = this.#options
    partition.checkMayAppend(-1)
    let largest = 0
    let all = 0
    for (const record of records) {
      const sizeBytes = maxRecordBytes(record)
      largest = Math.max(largest, sizeBytes)
      all += sizeBytes
    }
    const needed = isDivisible ? largest : all
    const room = roomOfBatch(settings().maxBatchBytes)
    if (needed > room) {
      const detail = `${partition.name}: records of ${needed} bytes exceed the ${room} of a batch`
      throw new KafkaError('RECORD_LIST_TOO_LARGE', detail)
    }
    const open = this.#gathering
    return isDivisible || open === undefined || open.roomBytes >= needed || this.flush()
  }

  /** Records of a producer that is fenced here are refused before they are added: the log would refuse
   *  their batch, and with it be taken for one that cannot be written.
   *  @throws KafkaError INVALID_PRODUCER_EPOCH */
  checkProducer({ producerEpoch, producerId }: ProducerOfRecord): void {
    const { partition } = this.#options
    const latest = partition.log.producers.entry(producerId)?.producerEpoch
    if (latest === undefined || producerEpoch >= latest) return
    const detail = `${partition.name}: producer ${producerId} is in epoch ${latest}, not ${producerEpoch}`
    throw new KafkaError('INVALID_PRODUCER_EPOCH', detail)
  }

  /** Adds one record, for which there is room. @returns its offset; undefined when writing those before
   *  it lost them. */
  add(
    record: StoredRecord,
    producer: ProducerOfRecord | undefined,
    nowMs: number,
  ): number | undefined {
    const open = this.#gathering
    const isFull = open !== undefined && open.roomBytes < maxRecordBytes(record)
    const isOther = open !== undefined && !isSameProducer(open.producer, producer)
    if ((isFull || isOther) && !this.flush()) return undefined
    this.#gathering ??= this.#newGathering(producer)
    this.#gathering.add(record, nowMs)
    return this.#endOffset++
  }

  /** The records of one event are complete. Those of a transaction share their batch with nobody, so
   *  that nothing is waited for. */
  eventOver(): void {
    if (this.#gathering === undefined) return
    const { environment, settings } = this.#options
    const { lingerMs } = settings()
    if (this.#gathering.producer !== undefined || lingerMs === 0) {
      this.flush()
    } else if (lingerMs > 0) {
      const dueMs = environment.clock.monotonic() + lingerMs
      this.#linger ??= environment.timers.at(dueMs, () => this.flush())
    } else if (!this.#isFlushPlanned) {
      this.#isFlushPlanned = true
      environment.timers.afterTurn(() => {
        this.#isFlushPlanned = false
        this.flush()
      })
    }
  }

  /**
   * Appends the end of a producer's transaction, behind everything that was added before it.
   * @returns its offset; undefined when writing those before it, or it, lost what was added.
   * @throws KafkaError when it is refused, as `Partition.endTransaction`; nothing is changed then.
   */
  addEnd(marker: EndMarker, nowMs: number): number | undefined {
    if (!this.flush()) return undefined
    const { onLost, partition } = this.#options
    const batch = endMarkerBatch(marker, nowMs)
    const { baseOffset } = partition.appendAsCoordinator(batch, marker.transactionVersion)
    if (baseOffset === this.#endOffset) return this.#endOffset++
    const detail = `somebody else wrote to ${partition.name}: the marker for ${this.#endOffset}`
    onLost(new KafkaError('NOT_COORDINATOR', `${detail} went to ${baseOffset}`))
    return undefined
  }

  /** Appends what was gathered. @returns false when it was lost, after `onLost`. */
  flush(): boolean {
    const gathering = this.#gathering
    this.#gathering = undefined
    this.#linger?.cancel()
    this.#linger = undefined
    if (gathering === undefined) return true
    const { onLost, partition, settings } = this.#options
    const prepared = gathering.build()
    const { scratch } = gathering
    this.#scratch = scratch.length <= settings().cachedBufferMaxBytes ? scratch : undefined
    try {
      const { baseOffset } = partition.appendAsCoordinator(prepared)
      if (baseOffset === gathering.baseOffset) return true
      const detail = `somebody else wrote to ${partition.name}: the batch for ${gathering.baseOffset}`
      onLost(new KafkaError('NOT_COORDINATOR', `${detail} went to ${baseOffset}`))
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error
      onLost(error)
    }
    return false
  }

  #newGathering(producer: ProducerOfRecord | undefined): Gathering {
    const { compression, maxBatchBytes, timestampType } = this.#options.settings()
    return new Gathering({
      baseOffset: this.#endOffset,
      producer,
      compression,
      timestampType,
      maxBytes: maxBatchBytes,
      scratch: this.#scratch,
    })
  }
}

function isSameProducer(a: ProducerOfRecord | undefined, b: ProducerOfRecord | undefined): boolean {
  return a?.producerId === b?.producerId && a?.producerEpoch === b?.producerEpoch
}
