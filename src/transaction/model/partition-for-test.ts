import { type ProducerFacts, ProducerState } from '../../log/producer-state.ts'
import { KafkaError } from '../../protocol/errors.ts'
import type { Verdicts } from './verdicts-for-test.ts'

/** The end of a transaction, on its way to a partition. */
export interface Marker {
  readonly producerId: number
  readonly producerEpoch: number
  readonly isCommitted: boolean
  readonly coordinatorEpoch: number
  readonly transactionVersion: number
}

/** A partition's producers, which are the real ones, and whose records wait for their end. */
export class ModelPartition {
  readonly index: number
  readonly #producers = new ProducerState()
  readonly #verdicts: Verdicts
  /** Tags of the records of open transactions, by producer id. */
  readonly #open = new Map<number, Set<string>>()
  #endOffset = 0
  #nowMs = 0

  constructor(index: number, verdicts: Verdicts) {
    this.index = index
    this.#verdicts = verdicts
  }

  /** Whether a batch would join a transaction that is open: one of the same epoch. That of an epoch
   *  before is being ended, and its marker has not come yet. */
  isOpenFor(producerId: number, epoch?: number): boolean {
    const entry = this.#producers.entry(producerId)
    const isOpen = entry !== undefined && entry.currentTxnFirstOffset >= 0
    return isOpen && (epoch === undefined || entry.producerEpoch === epoch)
  }

  get openTags(): readonly string[] {
    return [...this.#open.values()].flatMap((tags) => [...tags])
  }

  /** @returns whether the record is in the log. */
  append(producerId: number, producerEpoch: number, sequence: number, tag: string): boolean {
    const facts = {
      producerId,
      producerEpoch,
      baseSequence: sequence,
      lastOffsetDelta: 0,
      isTransactional: true,
      isControl: false,
      marker: undefined,
    }
    const isIn = this.#tryAppend(facts)
    if (isIn) {
      const tags = this.#open.get(producerId) ?? new Set()
      this.#open.set(producerId, tags.add(tag))
    }
    return isIn
  }

  /** @returns whether the marker is in the log. */
  end(marker: Marker): boolean {
    const { coordinatorEpoch, isCommitted, producerEpoch, producerId, transactionVersion } = marker
    const isIn = this.#tryAppend({
      producerId,
      producerEpoch,
      baseSequence: -1,
      lastOffsetDelta: 0,
      isTransactional: true,
      isControl: true,
      marker: { committed: isCommitted, coordinatorEpoch, transactionVersion },
    })
    if (!isIn) return false
    const tags = this.#open.get(producerId) ?? []
    this.#open.delete(producerId)
    for (const tag of tags) this.#verdicts.ended(tag, this.index, isCommitted ? 'commit' : 'abort')
    return true
  }

  #tryAppend(facts: ProducerFacts): boolean {
    const origin = facts.isControl ? 'coordinator' : 'client'
    try {
      // A duplicate is in the log already, with its tag.
      if (this.#producers.check(facts, origin) !== undefined) return false
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error
      return false
    }
    const offset = this.#endOffset++
    const span = { baseOffset: offset, lastOffset: offset, maxTimestamp: this.#nowMs }
    this.#producers.update(facts, span, this.#nowMs++)
    return true
  }
}
