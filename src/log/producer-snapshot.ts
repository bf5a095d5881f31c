import {
  readInt16,
  readInt32,
  readInt64,
  readUint32,
  writeInt16,
  writeInt32,
  writeInt64,
} from '../kernel/bytes.ts'
import { crc32c } from '../kernel/crc32c.ts'
import type { Disk } from '../kernel/environment.ts'
import type { Logger } from '../kernel/logger.ts'
import type { ProducerEntry } from './producer-state.ts'

/**
 * Kafka's `.snapshot` files: producer state at an offset, so that a restart reads only the batches
 * behind it. Written at each roll and at close, named by the offset: everything below is reflected.
 *
 * | bytes | field |
 * |---|---|
 * | 2 | version, 1 |
 * | 4 | CRC-32C of all that follows |
 * | 4 | count of entries, 46 bytes each: |
 * | 8 2 | producer id, producer epoch |
 * | 4 8 4 8 | last batch: last sequence, last offset, offset delta (-1, -1, 0 without one); timestamp |
 * | 4 8 | coordinator epoch, first offset of the open transaction or -1 |
 *
 * An entry has room for one batch. A producer that may send more than its last one again has an entry
 * for each of them, oldest first: read back they are put together, and Kafka takes the last.
 */

const VERSION = 1
const CRC_AT = 2
const COUNT_AT = 6
const ENTRIES_AT = 10
const ENTRY_BYTES = 46
const SUFFIX = '.snapshot'

/** A snapshot file that cannot be used: the batches it stands for are read instead. */
export class CorruptSnapshot extends Error {
  override readonly name = 'CorruptSnapshot'
}

export function encodeSnapshot(entries: readonly ProducerEntry[]): Uint8Array {
  const count = entries.length
  const bytes = new Uint8Array(ENTRIES_AT + count * ENTRY_BYTES)
  let at = ENTRIES_AT
  for (const entry of entries) {
    const last = entry.batches.at(-1)
    writeInt64(bytes, at, entry.producerId)
    writeInt16(bytes, at + 8, entry.producerEpoch)
    writeInt32(bytes, at + 10, last?.lastSequence ?? -1)
    writeInt64(bytes, at + 14, last?.lastOffset ?? -1)
    writeInt32(bytes, at + 22, last?.offsetDelta ?? 0)
    writeInt64(bytes, at + 26, entry.lastTimestamp)
    writeInt32(bytes, at + 34, entry.coordinatorEpoch)
    writeInt64(bytes, at + 38, entry.currentTxnFirstOffset)
    at += ENTRY_BYTES
  }
  writeInt16(bytes, 0, VERSION)
  writeInt32(bytes, COUNT_AT, count)
  writeInt32(bytes, CRC_AT, crc32c(bytes.subarray(COUNT_AT)))
  return bytes
}

/** @throws CorruptSnapshot when version, size or checksum are wrong. */
export function decodeSnapshot(bytes: Uint8Array): readonly ProducerEntry[] {
  if (bytes.length < ENTRIES_AT) throw new CorruptSnapshot(`${bytes.length} bytes are too few`)
  const version = readInt16(bytes, 0)
  if (version !== VERSION) throw new CorruptSnapshot(`version ${version} is not ${VERSION}`)
  const crc = crc32c(bytes.subarray(COUNT_AT))
  const stored = readUint32(bytes, CRC_AT)
  if (crc !== stored) throw new CorruptSnapshot(`checksum is ${crc}, stored is ${stored}`)
  const count = readInt32(bytes, COUNT_AT)
  if (count * ENTRY_BYTES !== bytes.length - ENTRIES_AT) {
    throw new CorruptSnapshot(`${bytes.length} bytes do not hold ${count} entries`)
  }
  try {
    return Array.from({ length: count }, (_, index) =>
      readEntry(bytes, ENTRIES_AT + index * ENTRY_BYTES),
    )
  } catch (cause) {
    throw new CorruptSnapshot('a number is out of range', { cause })
  }
}

function readEntry(bytes: Uint8Array, at: number): ProducerEntry {
  const lastOffset = readInt64(bytes, at + 14)
  const lastTimestamp = readInt64(bytes, at + 26)
  const last = {
    lastSequence: readInt32(bytes, at + 10),
    lastOffset,
    offsetDelta: readInt32(bytes, at + 22),
    timestamp: lastTimestamp,
  }
  return {
    producerId: readInt64(bytes, at),
    producerEpoch: readInt16(bytes, at + 8),
    coordinatorEpoch: readInt32(bytes, at + 34),
    lastTimestamp,
    currentTxnFirstOffset: readInt64(bytes, at + 38),
    batches: lastOffset < 0 ? [] : [last],
  }
}

/** The snapshot files of one partition directory. */
export class ProducerSnapshots {
  readonly #disk: Disk
  readonly #logger: Logger
  #directory: string
  /** Ascending. */
  #offsets: number[]

  private constructor(disk: Disk, directory: string, logger: Logger) {
    this.#disk = disk
    this.#directory = directory
    this.#logger = logger
    this.#offsets = disk
      .list(directory)
      .map(snapshotOffset)
      .filter((offset) => offset !== undefined)
      .sort((a, b) => a - b)
  }

  static open(disk: Disk, directory: string, logger: Logger): ProducerSnapshots {
    return new ProducerSnapshots(disk, directory, logger)
  }

  /** Ascending. */
  get offsets(): readonly number[] {
    return this.#offsets
  }

  get latest(): number | undefined {
    return this.#offsets.at(-1)
  }

  /**
   * Writes the snapshot at `offset`, unless there is one. One that has to be synced is written again:
   * nobody knows whether the one that is there ever was.
   * @param nowMs wall clock, by which `state` tells producers that are at work from others.
   * @param isSynced whether it must survive a power cut on return, as at a clean close. At a roll it
   *   need not: the checksum unmasks a torn one and the batches are read instead.
   * Cost: 46 bytes per entry, encoded and written on the loop.
   */
  write(
    offset: number,
    state: { snapshotEntries(nowMs: number): Iterable<ProducerEntry> },
    nowMs: number,
    isSynced: boolean,
  ): void {
    const isThere = this.#offsets.includes(offset)
    if (isThere && !isSynced) return
    const file = this.#disk.open(this.#path(offset), 'create')
    try {
      const bytes = encodeSnapshot([...state.snapshotEntries(nowMs)])
      file.truncate(0)
      file.writeSync([bytes], 0)
      if (isSynced) file.syncNow()
    } finally {
      file.close()
    }
    if (isSynced) this.#disk.syncDirectory(this.#directory)
    if (!isThere) this.#offsets = [...this.#offsets, offset].sort((a, b) => a - b)
  }

  /**
   * The newest usable snapshot of a log that spans [logStartOffset, logEndOffset]. Those outside of
   * it, and damaged ones, are removed.
   * @returns undefined when there is none: state is then rebuilt from the start of the log.
   */
  restore(
    logStartOffset: number,
    logEndOffset: number,
  ): { readonly offset: number; readonly entries: readonly ProducerEntry[] } | undefined {
    for (const offset of this.#offsets) {
      if (offset > logEndOffset || offset <= logStartOffset) this.remove(offset)
    }
    for (const offset of this.#offsets.toReversed()) {
      try {
        return { offset, entries: decodeSnapshot(this.#disk.readFile(this.#path(offset))) }
      } catch (error) {
        if (!(error instanceof CorruptSnapshot)) throw error
        const path = this.#path(offset)
        this.#logger.warn({ path, error }, 'Removed a damaged producer snapshot.')
        this.remove(offset)
      }
    }
    return undefined
  }

  /** Removes the file of `offset` when there is one. */
  remove(offset: number): void {
    if (!this.#offsets.includes(offset)) return
    this.#disk.remove(this.#path(offset))
    this.#offsets = this.#offsets.filter((kept) => kept !== offset)
  }

  /** Removes all below `offset`: the segments that needed them are gone. */
  removeBefore(offset: number): void {
    for (const kept of this.#offsets) if (kept < offset) this.remove(kept)
  }

  /** Removes those that belong to no segment, except the newest when it is behind all segments: a
   *  clean shutdown wrote that one. */
  removeStray(segmentBaseOffsets: readonly number[]): void {
    const bases = new Set(segmentBaseOffsets)
    const lastBase = segmentBaseOffsets.at(-1) ?? -1
    const stray = this.#offsets.filter((offset) => !bases.has(offset))
    for (const offset of stray) {
      if (offset !== stray.at(-1) || offset < lastBase) this.remove(offset)
    }
  }

  removeAll(): void {
    for (const offset of this.#offsets) this.remove(offset)
  }

  /** The partition's directory has been renamed. */
  moveTo(directory: string): void {
    this.#directory = directory
  }

  #path(offset: number): string {
    return `${this.#directory}/${String(offset).padStart(20, '0')}${SUFFIX}`
  }
}

function snapshotOffset(name: string): number | undefined {
  const digits = /^(\d{20})\.snapshot$/.exec(name)?.[1]
  return digits === undefined ? undefined : Number(digits)
}
