import type { Placed } from './batches.ts'
import type { Death } from './machine.ts'
import { must, Violation } from './violation.ts'

/** What a topic's settings promise of its records. */
export interface Promises {
  /** `flush.messages`; Infinity when not set. */
  readonly flushMessages: number
  /** `flush.ms`; Infinity when not set. */
  readonly flushMs: number
  /** Whether retention may remove records by itself. */
  readonly mayExpire: boolean
}

/** How much later than `flush.ms` a sync may have ended on the slowest disk of the simulation. */
const FLUSH_SLACK_MS = 3_000

interface Slot {
  readonly value: string
  /** Leader epoch of its batch; undefined as long as nobody has read it. */
  readonly epoch: number | undefined
  /** Whether it must still be there. A power cut takes this from records that nobody promised. */
  readonly isSafe: boolean
}

/** What was known when a request was sent: its answer may not fall behind it. */
export interface Floor {
  readonly powerCuts: number
  readonly life: number
  readonly endOffset: number
  readonly startOffset: number
}

/**
 * All that clients know of one partition, gathered in one place: which record lies at which offset,
 * and what the broker owes. Everything that is acknowledged or read is held against it.
 */
export class PartitionLedger {
  readonly name: string
  readonly topicId: string
  readonly index: number
  promises: Promises
  /** The highest offset that DeleteRecords was asked for. */
  deletedBelow = 0
  readonly #slots = new Map<number, Slot>()
  readonly #sent = new Set<string>()
  /** Behind the last record that is acknowledged or visible, as far as it must still be there. */
  #endOffset = 0
  /** The log start as the present process has told it. */
  #startOffset = 0
  /** Everything below survives a power cut. */
  #durableEnd = 0
  /** Acknowledgements of the present process, for `flush.ms`. */
  #recent: { readonly endOffset: number; readonly atMs: number }[] = []
  #powerCuts = 0
  #life = 0

  constructor(name: string, topicId: string, index: number, promises: Promises) {
    this.name = name
    this.topicId = topicId
    this.index = index
    this.promises = promises
  }

  get endOffset(): number {
    return this.#endOffset
  }

  /** Power cuts so far. */
  get powerCuts(): number {
    return this.#powerCuts
  }

  /** Whether a power cut may take records that are acknowledged. */
  get mayLose(): boolean {
    return this.promises.flushMessages !== 1
  }

  get knownCount(): number {
    return this.#slots.size
  }

  /** To be compared with an answer to a request that is sent now. */
  floor(): Floor {
    return {
      life: this.#life,
      powerCuts: this.#powerCuts,
      endOffset: this.#endOffset,
      startOffset: this.#startOffset,
    }
  }

  /** A value is on its way to the broker. */
  send(value: string): void {
    this.#sent.add(value)
  }

  /**
   * The broker says that these records lie from `baseOffset` on.
   * @param isLate the broker that said so has lost its power since.
   */
  acknowledge(baseOffset: number, values: readonly string[], isLate: boolean, nowMs: number): void {
    if (isLate && this.mayLose) return
    for (const [index, value] of values.entries()) {
      this.#place({ offset: baseOffset + index, value, epoch: -1 })
    }
    const endOffset = baseOffset + values.length
    this.#endOffset = Math.max(this.#endOffset, endOffset)
    if (isLate) this.#isDurableTo(endOffset)
    else this.#recent.push({ endOffset, atMs: nowMs })
  }

  /** A reader was given these records. */
  read(records: readonly Placed[]): void {
    let lastEpoch = -1
    for (const record of records) {
      const { offset, value, epoch } = record
      must(
        this.#sent.has(value),
        () => `${this.name}: nobody sent what lies at ${offset}: ${short(value)}`,
      )
      must(
        epoch >= lastEpoch,
        () => `${this.name}: leader epoch ${epoch} at ${offset} behind ${lastEpoch}`,
      )
      lastEpoch = epoch
      this.#place(record)
    }
  }

  /** An answer told where the visible part of the log ends and starts. */
  bounds(endOffset: number, startOffset: number, asked: Floor): void {
    if (asked.powerCuts !== this.#powerCuts) return
    must(
      endOffset >= asked.endOffset,
      () => `${this.name}: high watermark ${endOffset}, it was ${asked.endOffset} before`,
    )
    this.#endOffset = Math.max(this.#endOffset, endOffset)
    if (startOffset < 0) return
    must(
      startOffset <= endOffset,
      () => `${this.name}: log start ${startOffset} above the high watermark ${endOffset}`,
    )
    must(
      this.promises.mayExpire || startOffset <= this.deletedBelow,
      () =>
        `${this.name}: log start ${startOffset}, nobody asked for more than ${this.deletedBelow}`,
    )
    if (asked.life !== this.#life) return
    must(
      startOffset >= asked.startOffset,
      () => `${this.name}: log start ${startOffset}, this process said ${asked.startOffset} before`,
    )
    this.#startOffset = Math.max(this.#startOffset, startOffset)
  }

  /** What must be in the log now, from `startOffset` on: a look at the log that begins after this call
   *  has to find it. */
  owed(startOffset: number): ReadonlyMap<number, string> {
    const owed = new Map<number, string>()
    for (const [offset, { value, isSafe }] of this.#slots) {
      if (isSafe && offset >= startOffset) owed.set(offset, value)
    }
    return owed
  }

  /** The broker answers again. What an earlier process left unsynced it syncs at its start, where the
   *  topic asks for syncs by time. @param isWhole no directory can be offline. */
  up(life: number, isWhole: boolean): void {
    this.#life = life
    this.#startOffset = 0
    if (isWhole && Number.isFinite(this.promises.flushMs)) this.#isDurableTo(this.#endOffset)
  }

  /** The broker was stopped in order: everything is synced. */
  stopped(): void {
    this.#isDurableTo(this.#endOffset)
    this.#recent = []
  }

  died(death: Death, nowMs: number, isWhole: boolean): void {
    const { flushMessages, flushMs } = this.promises
    if (isWhole && Number.isFinite(flushMs)) {
      const due = this.#recent.filter(({ atMs }) => atMs + flushMs + FLUSH_SLACK_MS <= nowMs)
      this.#isDurableTo(Math.max(0, ...due.map(({ endOffset }) => endOffset)))
    }
    this.#recent = []
    if (death === 'kill') return
    if (Number.isFinite(flushMessages)) this.#isDurableTo(this.#endOffset - (flushMessages - 1))
    this.#powerCuts += 1
    this.#endOffset = Math.min(this.#endOffset, this.#durableEnd)
    for (const [offset, slot] of this.#slots) {
      if (offset >= this.#durableEnd) this.#slots.set(offset, { ...slot, isSafe: false })
    }
  }

  #isDurableTo(endOffset: number): void {
    this.#durableEnd = Math.max(this.#durableEnd, endOffset)
  }

  /** Notes a record at its offset. @param epoch -1 when not known. */
  #place({ offset, value, epoch }: Placed): void {
    const known = this.#slots.get(offset)
    const newEpoch = epoch < 0 ? undefined : epoch
    if (known !== undefined && known.value !== value) this.#replace(offset, known, value, newEpoch)
    if (known?.value === value && known.isSafe && newEpoch !== undefined) {
      must(
        known.epoch === undefined || known.epoch === newEpoch,
        () => `${this.name}: the record at ${offset} had leader epoch ${known.epoch}, now ${epoch}`,
      )
    }
    // A record that was lost and sent again may have come back in a later epoch.
    const oldEpoch = known?.isSafe ? known.epoch : undefined
    this.#slots.set(offset, { value, epoch: newEpoch ?? oldEpoch, isSafe: true })
    this.#endOffset = Math.max(this.#endOffset, offset + 1)
  }

  /** Another record lies where `known` was: allowed only for what a power cut could take, and only in a
   *  later leader epoch, by which consumers notice. */
  #replace(offset: number, known: Slot, value: string, epoch: number | undefined): void {
    const what = `${this.name}: at ${offset} lay ${short(known.value)}, now ${short(value)}`
    must(!known.isSafe, () => `${what}; nothing was allowed to take it`)
    const grew = epoch === undefined || known.epoch === undefined || epoch > known.epoch
    if (!grew) throw new Violation(`${what}; both in leader epoch ${epoch}`)
    for (const [other, slot] of this.#slots) {
      if (other >= offset && !slot.isSafe) this.#slots.delete(other)
    }
  }
}

/** A value without its padding. */
function short(value: string): string {
  return value.replace(/~.*$/, '')
}
