import { readInt16 } from '../kernel/bytes.ts'
import type { Environment } from '../kernel/environment.ts'
import { KafkaError } from '../protocol/errors.ts'
import * as batch from '../records/batch.ts'
import { legacyRecords } from '../records/legacy.ts'
import { openRecords } from '../records/records.ts'
import type { Partition } from '../replication/partition.ts'
import type { Instant, Machine, ProducerOfRecord } from './machine.ts'

/** Records taken over before others on the loop get their turn: about 1 ms. */
export const RECORDS_PER_TURN = 1_000

/** Kinds of control records that end a transaction (KIP-98). */
const ABORT = 0
const COMMIT = 1

export interface LoadOptions {
  readonly environment: Pick<Environment, 'timers'>
  /** Bytes read at a time. A larger batch is read as a whole. */
  readonly bufferBytes: number
  /** The most a compressed batch may become. */
  readonly maxDecompressedBytes: number
  /** Ends the load early: what has been taken over by then is of no use. */
  readonly signal: AbortSignal
}

/** What a load went through. */
export interface LoadSummary {
  readonly recordCount: number
  readonly sizeBytes: number
}

/** A load that met a record or a batch that cannot be taken over. */
export class LoadError extends Error {
  override readonly name = 'LoadError'
  readonly offset: number

  constructor(partition: string, offset: number, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    super(`${partition} cannot be loaded beyond offset ${offset}: ${reason}`, { cause })
    this.offset = offset
  }
}

/**
 * Brings a machine to the state that a partition's log tells of: everything up to the log end, what
 * is not committed yet included. Others on the loop get their turn after every 1,000 records.
 * @throws LoadError (rejects) whatever stands in the way, be it the disk or a record: what is stored
 *   may have been written by others, so that a record nobody can take over is no reason to stop the
 *   whole broker.
 */
export async function load<Rec, World extends Instant>(
  partition: Partition,
  machine: Machine<Rec, unknown, unknown, World>,
  options: LoadOptions,
): Promise<LoadSummary> {
  const replay = new Replay(machine, options)
  try {
    replay.offset = partition.log.logStartOffset
    let sizeBytes = 0
    let isLast = false
    while (!options.signal.aborted) {
      const read = await partition.read({
        offset: replay.offset,
        maxBytes: options.bufferBytes,
        minOneBatch: true,
        isolation: 'log-end',
      })
      try {
        for (const chunk of read.chunks) await replay.chunk(chunk)
        sizeBytes += read.sizeBytes
        replay.offset = read.nextOffset
      } finally {
        read.release()
      }
      if (replay.offset >= partition.log.logEndOffset) break
      if (read.sizeBytes > 0) isLast = false
      else if (isLast) break
      else {
        // Appended in this turn, and in the file when it is over.
        isLast = true
        await replay.turn()
      }
    }
    return { recordCount: replay.recordCount, sizeBytes }
  } catch (error) {
    throw new LoadError(partition.name, replay.offset, error)
  }
}

/** Takes batches over, one after the other. */
class Replay<Rec> {
  /** Of the record or batch that is being taken over: what errors speak of. */
  offset = 0
  recordCount = 0
  readonly #machine: Pick<Machine<Rec, never, never, never>, 'apply' | 'decode' | 'endTransaction'>
  readonly #options: LoadOptions

  constructor(
    machine: Pick<Machine<Rec, never, never, never>, 'apply' | 'decode' | 'endTransaction'>,
    options: LoadOptions,
  ) {
    this.#machine = machine
    this.#options = options
  }

  /** Lets others on the loop go on. */
  turn(): Promise<void> {
    return new Promise((resolve) => this.#options.environment.timers.afterTurn(resolve))
  }

  async chunk(bytes: Uint8Array): Promise<void> {
    let at = 0
    while (at < bytes.length && !this.#options.signal.aborted) {
      const sizeBytes = batch.nextBatchSize(bytes, at)
      if (sizeBytes <= 0) throw new KafkaError('CORRUPT_MESSAGE', `no whole batch lies at ${at}`)
      if (batch.magic(bytes, at) < batch.CURRENT_MAGIC) await this.#legacy(bytes, at)
      else await this.#batch(bytes, at)
      at += sizeBytes
    }
  }

  async #batch(bytes: Uint8Array, at: number): Promise<void> {
    this.offset = batch.baseOffset(bytes, at)
    const isControl = batch.isControlBatch(bytes, at)
    const producerId = batch.producerId(bytes, at)
    const producer =
      producerId === batch.NO_PRODUCER_ID
        ? undefined
        : { producerId, producerEpoch: batch.producerEpoch(bytes, at) }
    const opened = openRecords(bytes, at, this.#options.maxDecompressedBytes)
    const cursor = opened instanceof Promise ? await opened : opened
    while (cursor.next()) {
      this.offset = cursor.offset
      if (isControl) this.#marker(cursor.key(), producer)
      else this.#record(cursor.key(), cursor.value(), producer)
      if (++this.recordCount % RECORDS_PER_TURN !== 0) continue
      await this.turn()
      if (this.#options.signal.aborted) return
    }
  }

  async #legacy(bytes: Uint8Array, at: number): Promise<void> {
    this.offset = batch.baseOffset(bytes, at)
    for (const record of legacyRecords(bytes, at, this.#options.maxDecompressedBytes)) {
      this.offset = record.offset
      this.#record(record.key, record.value, undefined)
      if (++this.recordCount % RECORDS_PER_TURN === 0) await this.turn()
    }
  }

  #record(
    key: Uint8Array | null,
    value: Uint8Array | null,
    producer: ProducerOfRecord | undefined,
  ): void {
    if (key === null) throw new KafkaError('INVALID_RECORD', 'the record has no key')
    // The bytes that were read are lent; a machine may keep parts of a value.
    const record = this.#machine.decode({ key, value: value === null ? null : value.slice() })
    if (record !== undefined) this.#machine.apply(record, this.offset, producer)
  }

  #marker(key: Uint8Array | null, producer: ProducerOfRecord | undefined): void {
    if (key === null || key.length < 4 || producer === undefined) return
    const kind = readInt16(key, 2)
    if (kind !== COMMIT && kind !== ABORT) return
    this.#machine.endTransaction(producer, kind === COMMIT, this.offset)
  }
}
