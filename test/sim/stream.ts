import { batchOfValues, type Identity } from './batches.ts'
import type { PartitionLedger } from './partition-ledger.ts'

/** As many as a broker remembers per producer, so that each can be sent again. */
const MOST_IN_FLIGHT = 5

/** Some values on their way, always the same bytes. */
export interface Sent {
  readonly stream: Stream
  /** Number of the first value. */
  readonly first: number
  readonly values: readonly string[]
  readonly bytes: Buffer
}

/** The values that one producer writes to one partition: numbered, each said who wrote it, to where. */
export class Stream {
  readonly partition: PartitionLedger
  readonly name: string
  readonly producerId: number | undefined
  #epoch = 0
  #next = 0
  /** Number of the first value of this epoch, which has sequence 0. */
  #epochStart = 0
  /** In the order they are sent. */
  #unacked: Sent[] = []
  /** Power cuts until the last acknowledgement: a later one may have taken what it was for. */
  #seenPowerCuts: number
  #lastOffset = -1
  /** Where the values before all that are not acknowledged end. */
  #settledOffset = -1
  /** What is not acknowledged is being sent again: nothing new until that is done. */
  isSettling = false

  /** @param producerId undefined: not idempotent. */
  constructor(name: string, partition: PartitionLedger, producerId: number | undefined) {
    this.name = name
    this.partition = partition
    this.producerId = producerId
    this.#seenPowerCuts = partition.powerCuts
  }

  get unacked(): readonly Sent[] {
    return this.#unacked
  }

  get hasRoom(): boolean {
    return (
      !this.isSettling &&
      this.#unacked.length < (this.producerId === undefined ? 1 : MOST_IN_FLIGHT)
    )
  }

  get lastOffset(): number {
    return this.#lastOffset
  }

  /** Whether values before those not acknowledged may be gone, or some of these be deleted already, so
   *  that the next sequence does not follow any more. */
  get mayHaveGap(): boolean {
    const isDeleted = this.partition.deletedBelow > this.#settledOffset + 1
    return isDeleted || (this.partition.mayLose && this.partition.powerCuts > this.#seenPowerCuts)
  }

  /** The next values, ready to be sent. */
  make(count: number, sizeBytes: number, timestampMs: number): Sent {
    const first = this.#next
    const { topicId, index } = this.partition
    const values = Array.from({ length: count }, (_, at) => {
      return `${this.name} ${first + at} ${topicId}-${index} ~${'.'.repeat(sizeBytes)}`
    })
    for (const value of values) this.partition.send(value)
    const bytes = batchOfValues(values, timestampMs, this.#identity(first))
    const sent = { stream: this, first, values, bytes }
    this.#next += count
    this.#unacked.push(sent)
    return sent
  }

  /**
   * @param isLate by a broker that has lost its power since.
   * @returns false when it was acknowledged before.
   */
  acknowledged(sent: Sent, baseOffset: number, isLate: boolean): boolean {
    const before = this.#unacked.length
    const isOldest = this.#unacked[0] === sent
    this.#unacked = this.#unacked.filter((other) => other !== sent)
    if (!isLate) this.#seenPowerCuts = this.partition.powerCuts
    if (this.#unacked.length === before) return false
    this.#lastOffset = baseOffset + sent.values.length - 1
    if (isOldest) this.#settledOffset = this.#lastOffset
    return true
  }

  /** Gives up what is not acknowledged and goes on in the next epoch, as clients do after a gap. */
  bumpEpoch(): void {
    this.#unacked = []
    this.#epoch += 1
    this.#epochStart = this.#next
    this.#seenPowerCuts = this.partition.powerCuts
  }

  #identity(first: number): Identity | undefined {
    if (this.producerId === undefined) return undefined
    return {
      producerId: this.producerId,
      producerEpoch: this.#epoch,
      baseSequence: first - this.#epochStart,
    }
  }
}

/** Who wrote a value and which of its values it is. */
export function originOf(value: string): { readonly stream: string; readonly number: number } {
  const [stream = '', number = ''] = value.split(' ')
  return { stream, number: Number(number) }
}
