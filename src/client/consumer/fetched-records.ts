import { KafkaError } from '../../protocol/errors.ts'
import * as batch from '../../records/batch.ts'
import type { RecordCursor } from '../../records/cursor.ts'
import { convertLegacy, legacyDamage } from '../../records/legacy.ts'
import { currentRecord, type LogRecord, openRecords } from '../../records/records.ts'

/** A transaction whose records in a fetched range are not to be read. */
export interface AbortedTransaction {
  readonly producerId: number
  /** Its first record of the partition. */
  readonly firstOffset: number
}

export interface FetchedOptions {
  /** The offset that was asked for: earlier records of the first batch are skipped. */
  readonly fetchOffset: number
  /** Of the range, for `isolation.level` read_committed; null reads everything. */
  readonly aborted: readonly AbortedTransaction[] | null
  /** `check.crcs` */
  readonly checksCrcs: boolean
}

/** Records that are given out together. */
export interface Taken {
  readonly records: readonly LogRecord[]
  /** Where they began to be looked for, and where to go on: more than the last offset plus one when
   *  what follows is for nobody, such as markers or aborted records. */
  readonly fromOffset: number
  readonly nextOffset: number
  /** Leader epoch of the record before `nextOffset`; -1: unknown. */
  readonly leaderEpoch: number
}

/** The most that one batch may become: Kafka's lengths are int32. */
const MAX_DECOMPRESSED_BYTES = 0x7fff_ffff
/** The type of a control record is behind the version in its key. */
const AT_CONTROL_TYPE = 2
const ABORT_MARKER = 0

/**
 * What one fetch brought of one partition. Batches are verified, decompressed and decoded when their
 * records are taken, not before: what is thrown away by a seek has cost nothing. Keys and values of
 * the records are views of `bytes` or of one decompressed batch, which live as long as they do.
 */
export class FetchedRecords {
  readonly #bytes: Uint8Array
  readonly #checksCrcs: boolean
  /** Not begun yet, the earliest last. Undefined: everything is read. */
  readonly #aborted: AbortedTransaction[] | undefined
  readonly #abortedProducers = new Set<number>()
  /** Where the next batch begins. */
  #at = 0
  #cursor: RecordCursor | undefined
  /** Offset behind the open batch, and its epoch. */
  #behindBatch = 0
  #batchEpoch = -1
  #nextOffset: number
  #epoch = -1
  /** Offset behind all of it, known before anything is decoded; `fetchOffset` when there is nothing. */
  readonly endOffset: number
  /** Leader epoch of the record before `endOffset`; -1: unknown. */
  readonly endEpoch: number

  /** @throws KafkaError CORRUPT_MESSAGE where something lies that is no batch. */
  constructor(bytes: Uint8Array, { fetchOffset, aborted, checksCrcs }: FetchedOptions) {
    let lastAt = -1
    const end = batch.forEachBatch(bytes, (at) => {
      lastAt = at
    })
    this.#bytes = bytes.subarray(0, end)
    this.#checksCrcs = checksCrcs
    this.#aborted = aborted?.toSorted((a, b) => b.firstOffset - a.firstOffset)
    this.#nextOffset = fetchOffset
    const hasRecords = lastAt >= 0
    this.endOffset = hasRecords ? Math.max(fetchOffset, behind(bytes, lastAt)) : fetchOffset
    this.endEpoch = hasRecords ? epochOf(bytes, lastAt) : -1
  }

  /** Bytes that it holds, whatever has been taken. */
  get sizeBytes(): number {
    return this.#bytes.length
  }

  /** The offset that is taken next. */
  get nextOffset(): number {
    return this.#nextOffset
  }

  /** Whether everything has been taken. */
  get isDone(): boolean {
    return this.#cursor === undefined && this.#at >= this.#bytes.length
  }

  /**
   * The next records, at most `most`; fewer, also none, only at the end or before damage.
   * @throws KafkaError for damage right at `nextOffset`, which stays there: every call throws again.
   */
  async take(most: number): Promise<Taken> {
    const fromOffset = this.#nextOffset
    const records: LogRecord[] = []
    try {
      while (records.length < most && !this.isDone) {
        const cursor = this.#cursor ?? (await this.#open())
        if (cursor !== undefined) this.#read(cursor, records, most)
      }
    } catch (error) {
      // What lies before the damage is good; the next call meets the damage again.
      if (records.length === 0) throw error
    }
    return { records, fromOffset, nextOffset: this.#nextOffset, leaderEpoch: this.#epoch }
  }

  #read(cursor: RecordCursor, into: LogRecord[], most: number): void {
    while (into.length < most) {
      if (!cursor.next()) {
        this.#leaveBatch()
        return
      }
      if (cursor.offset < this.#nextOffset) continue
      into.push(currentRecord(cursor))
      this.#nextOffset = cursor.offset + 1
      this.#epoch = this.#batchEpoch
    }
    // Behind the last record nothing is left for another round.
    if (this.#nextOffset >= this.#behindBatch) this.#leaveBatch()
  }

  #leaveBatch(): void {
    this.#cursor = undefined
    this.#nextOffset = Math.max(this.#nextOffset, this.#behindBatch)
    this.#epoch = this.#batchEpoch
  }

  /** Goes into the next batch, or past it when its records are for nobody. */
  async #open(): Promise<RecordCursor | undefined> {
    const at = this.#at
    const sizeBytes = batch.nextBatchSize(this.#bytes, at)
    if (this.#checksCrcs) this.#verify(at)
    const isLegacy = batch.magic(this.#bytes, at) < batch.CURRENT_MAGIC
    const isRead = isLegacy || (await this.#isForReaders(at))
    const opened = isRead ? await this.#opened(at, sizeBytes, isLegacy) : undefined
    // All of it succeeded: only now is the batch left behind.
    this.#behindBatch = behind(this.#bytes, at)
    this.#batchEpoch = epochOf(this.#bytes, at)
    this.#at = at + sizeBytes
    if (opened === undefined) this.#leaveBatch()
    else this.#cursor = opened
    return opened
  }

  #opened(at: number, sizeBytes: number, isLegacy: boolean): RecordCursor | Promise<RecordCursor> {
    if (!isLegacy) return openRecords(this.#bytes, at, MAX_DECOMPRESSED_BYTES)
    const old = this.#bytes.subarray(at, at + sizeBytes)
    return openRecords(convertLegacy(old, MAX_DECOMPRESSED_BYTES), 0, MAX_DECOMPRESSED_BYTES)
  }

  #verify(at: number): void {
    const isLegacy = batch.magic(this.#bytes, at) < batch.CURRENT_MAGIC
    const damage = (isLegacy ? legacyDamage : batch.batchDamage)(this.#bytes, at)
    if (damage !== undefined) {
      throw new KafkaError('CORRUPT_MESSAGE', `at offset ${this.#nextOffset}: ${damage}`)
    }
  }

  /** Follows the transactions of the range. False for markers, and for records of those aborted. */
  async #isForReaders(at: number): Promise<boolean> {
    const isControl = batch.isControlBatch(this.#bytes, at)
    if (this.#aborted === undefined) return !isControl
    const lastOffset = batch.lastOffset(this.#bytes, at)
    for (;;) {
      const next = this.#aborted.at(-1)
      if (next === undefined || next.firstOffset > lastOffset) break
      this.#abortedProducers.add(next.producerId)
      this.#aborted.pop()
    }
    const producerId = batch.producerId(this.#bytes, at)
    if (isControl) {
      if (await this.#isAbortMarker(at)) this.#abortedProducers.delete(producerId)
      return false
    }
    const isTransactional = batch.isTransactional(this.#bytes, at)
    return !isTransactional || !this.#abortedProducers.has(producerId)
  }

  async #isAbortMarker(at: number): Promise<boolean> {
    const cursor = await openRecords(this.#bytes, at, MAX_DECOMPRESSED_BYTES)
    const key = cursor.next() ? cursor.key() : null
    if (key === null || key.length < AT_CONTROL_TYPE + 2) return false
    return ((key[AT_CONTROL_TYPE]! << 8) | key[AT_CONTROL_TYPE + 1]!) === ABORT_MARKER
  }
}

/** A wrapper of the old formats carries the offset of its last message. */
function behind(bytes: Uint8Array, at: number): number {
  const isLegacy = batch.magic(bytes, at) < batch.CURRENT_MAGIC
  return 1 + (isLegacy ? batch.baseOffset(bytes, at) : batch.lastOffset(bytes, at))
}

function epochOf(bytes: Uint8Array, at: number): number {
  return batch.magic(bytes, at) < batch.CURRENT_MAGIC ? -1 : batch.leaderEpoch(bytes, at)
}
