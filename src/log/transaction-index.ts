import { readInt16, readInt64, writeInt64 } from '../kernel/bytes.ts'
import type { Disk } from '../kernel/environment.ts'

/** An aborted transaction as the index of the segment that holds its marker keeps it. */
export interface AbortedTransaction {
  readonly producerId: number
  readonly firstOffset: number
  /** Offset of the abort marker. */
  readonly lastOffset: number
  /** The last stable offset once the marker was written. */
  readonly lastStableOffset: number
}

/** Bytes of one entry: version (int16, 0), then the four numbers as int64. */
export const ABORTED_TRANSACTION_BYTES = 34

const VERSION = 0
const PRODUCER_ID_AT = 2
const FIRST_OFFSET_AT = 10
const LAST_OFFSET_AT = 18
const LAST_STABLE_OFFSET_AT = 26

/**
 * The `.txnindex` file of one segment: its aborted transactions by growing marker offset, so that a
 * `read_committed` fetch can name them without a scan. Most segments have none and then no file.
 * An entry that a crash has torn is not read, and overwritten by the next one. The content is kept in
 * memory after its first use until `unload`. Disk errors are thrown as they are.
 */
export class TransactionIndex {
  readonly #disk: Disk
  readonly #baseOffset: number
  #path: string
  /** Whole entries as in the file. undefined: not loaded. */
  #bytes: Uint8Array | undefined

  constructor(disk: Disk, path: string, baseOffset: number) {
    this.#disk = disk
    this.#path = path
    this.#baseOffset = baseOffset
  }

  get path(): string {
    return this.#path
  }

  get count(): number {
    return this.#load().length / ABORTED_TRANSACTION_BYTES
  }

  /** All entries, oldest first. */
  entries(): readonly AbortedTransaction[] {
    return Array.from({ length: this.count }, (_, slot) => this.#at(slot))
  }

  /**
   * Adds the transaction whose abort marker has just been appended. Not synced.
   * @throws RangeError when the marker does not lie behind the last one.
   */
  append(aborted: AbortedTransaction): void {
    const { count } = this
    const last = count === 0 ? -1 : this.#at(count - 1).lastOffset
    if (aborted.lastOffset <= last) {
      throw new RangeError(`marker ${aborted.lastOffset} in ${this.#path} is not above ${last}`)
    }
    const entry = encode(aborted)
    this.#write((file) => file.writeSync([entry], count * ABORTED_TRANSACTION_BYTES))
    this.#bytes = Buffer.concat([this.#load(), entry])
  }

  /**
   * The aborted transactions with records in [startOffset, endOffset).
   * @returns `isComplete` when no later segment can add one; otherwise the search has to go on there.
   * Finds its start by bisection, then walks the entries up to the end of the range.
   */
  abortedBetween(
    startOffset: number,
    endOffset: number,
  ): { readonly aborted: readonly AbortedTransaction[]; readonly isComplete: boolean } {
    const aborted: AbortedTransaction[] = []
    const { count } = this
    for (let slot = this.#firstEndingFrom(startOffset); slot < count; slot++) {
      const entry = this.#at(slot)
      if (entry.firstOffset < endOffset) aborted.push(entry)
      if (entry.lastStableOffset >= endOffset) return { aborted, isComplete: true }
    }
    return { aborted, isComplete: false }
  }

  /** Whether the entries can be true: known version, markers inside of the segment and in order. */
  isSane(): boolean {
    const { count } = this
    let previous = this.#baseOffset - 1
    for (let slot = 0; slot < count; slot++) {
      const entry = this.#tryAt(slot)
      if (entry === undefined || entry.lastOffset <= previous) return false
      if (entry.firstOffset > entry.lastOffset) return false
      previous = entry.lastOffset
    }
    return true
  }

  /** Drops the transactions whose marker is at `offset` or later: the log has been cut there. */
  truncateTo(offset: number): void {
    const kept = this.#firstEndingFrom(offset)
    if (kept === this.count) return
    const bytes = this.#load().slice(0, kept * ABORTED_TRANSACTION_BYTES)
    this.#write((file) => file.truncate(bytes.length))
    this.#bytes = bytes
  }

  /** Drops everything, as before the segment is read again. */
  reset(): void {
    if (this.#disk.stat(this.#path)) this.#write((file) => file.truncate(0))
    this.#bytes = new Uint8Array(0)
  }

  /** Makes what was appended survive a power cut. */
  flush(): void {
    if (this.#bytes?.length) this.#write((file) => file.syncNow())
  }

  /** Frees the memory; the next use reads the file again. */
  unload(): void {
    this.#bytes = undefined
  }

  /** The file or its directory has been renamed. */
  movedTo(path: string): void {
    this.#path = path
  }

  #load(): Uint8Array {
    if (this.#bytes) return this.#bytes
    const bytes = this.#disk.stat(this.#path) ? this.#disk.readFile(this.#path) : new Uint8Array(0)
    const wholeBytes = bytes.length - (bytes.length % ABORTED_TRANSACTION_BYTES)
    this.#bytes = bytes.subarray(0, wholeBytes)
    return this.#bytes
  }

  /** The first slot whose marker is at `offset` or later. */
  #firstEndingFrom(offset: number): number {
    let low = 0
    let high = this.count
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#at(middle).lastOffset < offset) low = middle + 1
      else high = middle
    }
    return low
  }

  #at(slot: number): AbortedTransaction {
    const bytes = this.#load()
    const at = slot * ABORTED_TRANSACTION_BYTES
    return {
      producerId: readInt64(bytes, at + PRODUCER_ID_AT),
      firstOffset: readInt64(bytes, at + FIRST_OFFSET_AT),
      lastOffset: readInt64(bytes, at + LAST_OFFSET_AT),
      lastStableOffset: readInt64(bytes, at + LAST_STABLE_OFFSET_AT),
    }
  }

  #tryAt(slot: number): AbortedTransaction | undefined {
    try {
      const version = readInt16(this.#load(), slot * ABORTED_TRANSACTION_BYTES)
      return version === VERSION ? this.#at(slot) : undefined
    } catch (error) {
      if (error instanceof RangeError) return undefined // not a number that an offset can be
      throw error
    }
  }

  #write(use: (file: ReturnType<Disk['open']>) => void): void {
    const file = this.#disk.open(this.#path, 'create')
    try {
      use(file)
    } finally {
      file.close()
    }
  }
}

function encode(aborted: AbortedTransaction): Uint8Array {
  const bytes = new Uint8Array(ABORTED_TRANSACTION_BYTES) // version 0 stands there already
  writeInt64(bytes, PRODUCER_ID_AT, aborted.producerId)
  writeInt64(bytes, FIRST_OFFSET_AT, aborted.firstOffset)
  writeInt64(bytes, LAST_OFFSET_AT, aborted.lastOffset)
  writeInt64(bytes, LAST_STABLE_OFFSET_AT, aborted.lastStableOffset)
  return bytes
}
