import { assert } from '../kernel/assert.ts'
import type { Disk } from '../kernel/environment.ts'
import type { Logger } from '../kernel/logger.ts'
import {
  CorruptCheckpoint,
  readCheckpoint,
  wholeNumber,
  writeCheckpoint,
} from './checkpoint-file.ts'

/** Where one leader's time begins: the offset of the first batch it ordered. */
export interface EpochEntry {
  readonly epoch: number
  readonly startOffset: number
}

/** Stands for "no such epoch" and "no such offset" in OffsetForLeaderEpoch answers. */
export const UNDEFINED_EPOCH = -1
export const UNDEFINED_EPOCH_OFFSET = -1

const FILE_NAME = 'leader-epoch-checkpoint'

/**
 * Which leader epoch wrote which offsets of one partition (KIP-101, KIP-279): the means by which
 * replicas find where they diverge. Epochs and start offsets both grow strictly. Kept in the
 * partition's `leader-epoch-checkpoint`, which follows with `flush`: entries that a crash has left over
 * are cut again when the log is opened, and epochs behind the recovery point are read from the batches,
 * so the log flushes before it moves that.
 */
export class LeaderEpochCache {
  readonly #disk: Disk
  #directory: string
  #entries: EpochEntry[]
  #isDirty = false

  private constructor(disk: Disk, directory: string, entries: EpochEntry[]) {
    this.#disk = disk
    this.#directory = directory
    this.#entries = entries
  }

  /** Reads the cache of a partition directory. A damaged file is an empty one: the epochs are in the
   *  batches too, and recovery assigns them again. */
  static open(disk: Disk, directory: string, logger: Logger): LeaderEpochCache {
    const cache = new LeaderEpochCache(disk, directory, [])
    for (const entry of readEntries(disk, cache.#path, logger)) cache.#assign(entry)
    return cache
  }

  get entries(): readonly EpochEntry[] {
    return this.#entries
  }

  /** The epoch that wrote last. */
  get latest(): EpochEntry | undefined {
    return this.#entries.at(-1)
  }

  get earliest(): EpochEntry | undefined {
    return this.#entries[0]
  }

  /** Records that `epoch` begins at `startOffset`. Entries it contradicts, of a later epoch or offset,
   *  are dropped. Nothing happens for the latest epoch again. */
  assign(epoch: number, startOffset: number): void {
    if (this.#assign({ epoch, startOffset })) this.#isDirty = true
  }

  /** The epoch that wrote `offset`; undefined before the first one. */
  epochForOffset(offset: number): number | undefined {
    return this.#entries.findLast((entry) => entry.startOffset <= offset)?.epoch
  }

  /**
   * Answers OffsetForLeaderEpoch (KIP-279): the largest epoch at or below the asked one, and where it
   * ends, which is where the next begins, or the log end for the latest. An epoch older than all
   * known ones ends where the first known begins; one newer than all is undefined.
   */
  endOffsetFor(epoch: number, logEndOffset: number): { epoch: number; endOffset: number } {
    if (epoch === UNDEFINED_EPOCH) return UNDEFINED
    if (epoch === this.latest?.epoch) return { epoch, endOffset: logEndOffset }
    const next = this.#entries.findIndex((entry) => entry.epoch > epoch)
    if (next < 0) return UNDEFINED
    const endOffset = this.#entries[next]!.startOffset
    return { epoch: this.#entries[next - 1]?.epoch ?? epoch, endOffset }
  }

  /** Drops the epochs that begin at `endOffset` or later: the log has been cut there. */
  truncateFromEnd(endOffset: number): void {
    if ((this.latest?.startOffset ?? -1) < endOffset) return
    this.#entries = this.#entries.filter((entry) => entry.startOffset < endOffset)
    this.#isDirty = true
  }

  /** Drops the epochs that ended before `startOffset`; the one that wrote it now begins there. */
  truncateFromStart(startOffset: number): void {
    const first = this.#entries.findLastIndex((entry) => entry.startOffset <= startOffset)
    if (first < 0 || (first === 0 && this.#entries[0]!.startOffset === startOffset)) return
    const kept = this.#entries.slice(first)
    this.#entries = [{ epoch: kept[0]!.epoch, startOffset }, ...kept.slice(1)]
    this.#isDirty = true
  }

  /** Forgets all epochs. */
  clear(): void {
    this.#entries = []
    this.#isDirty = true
  }

  /** Writes what has changed since the last write, durable on return. */
  flush(): void {
    if (!this.#isDirty) return
    const lines = this.#entries.map(({ epoch, startOffset }) => `${epoch} ${startOffset}`)
    writeCheckpoint(this.#disk, this.#path, lines)
    this.#isDirty = false
  }

  /** The partition's directory has been renamed. */
  moveTo(directory: string): void {
    this.#directory = directory
  }

  get #path(): string {
    return `${this.#directory}/${FILE_NAME}`
  }

  #assign(entry: EpochEntry): boolean {
    assert(
      entry.epoch >= 0 && entry.startOffset >= 0,
      `leader epoch ${entry.epoch} at offset ${entry.startOffset}: both must be 0 or more`,
    )
    const { latest } = this
    const isKnown = latest?.epoch === entry.epoch && latest.startOffset <= entry.startOffset
    if (isKnown) return false
    const kept = this.#entries.findLastIndex(
      ({ epoch, startOffset }) => epoch < entry.epoch && startOffset < entry.startOffset,
    )
    this.#entries = [...this.#entries.slice(0, kept + 1), entry]
    return true
  }
}

const UNDEFINED = { epoch: UNDEFINED_EPOCH, endOffset: UNDEFINED_EPOCH_OFFSET } as const

function readEntries(disk: Disk, path: string, logger: Logger): readonly EpochEntry[] {
  try {
    const entries = readCheckpoint(disk, path, 2).map(([epoch, startOffset]) => ({
      epoch: wholeNumber(epoch!, path),
      startOffset: wholeNumber(startOffset!, path),
    }))
    const negative = entries.find(({ epoch, startOffset }) => epoch < 0 || startOffset < 0)
    if (negative) throw new CorruptCheckpoint(`checkpoint file ${path} holds a negative number`)
    return entries
  } catch (error) {
    if (!(error instanceof CorruptCheckpoint)) throw error
    logger.warn({ path, error }, 'Leader epochs are rebuilt from the log: their file is damaged.')
    return []
  }
}
