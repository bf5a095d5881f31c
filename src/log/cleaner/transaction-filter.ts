import { readInt16 } from '../../kernel/bytes.ts'
import * as batch from '../../records/batch.ts'
import { recordsOf } from '../../records/records.ts'
import type { AbortedTransaction } from '../transaction-index.ts'

/** What a control batch says: the end of a transaction, something else, or nothing any more because
 *  its record has been dropped. */
export type Marker = 'commit' | 'abort' | 'other' | 'none'

/** Control records are tiny. */
const MAX_MARKER_BYTES = 64 * 1024

interface Aborting {
  readonly transaction: AbortedTransaction
  /** Whether a batch of it is still in the log. */
  hasBatch: boolean
}

/**
 * Follows the transactions of a log, batch by batch, and knows which batches belong to an aborted one,
 * and which markers end a transaction that has no batch left.
 */
export class TransactionFilter {
  /** Producers with a transaction that will be committed, or is not ended yet. */
  readonly #committing = new Set<number>()
  readonly #aborting = new Map<number, Aborting>()
  /** Aborted ones that have not begun, by falling first offset. */
  #ahead: AbortedTransaction[] = []
  readonly #onAbort: (transaction: AbortedTransaction) => void

  /** @param onAbort told of each aborted transaction whose marker must stay, in their order. */
  constructor(onAbort: (transaction: AbortedTransaction) => void = () => {}) {
    this.#onAbort = onAbort
  }

  /** Says what was aborted in the part of the log that comes next. */
  expect(aborted: readonly AbortedTransaction[]): void {
    this.#ahead = [...this.#ahead, ...aborted].sort((a, b) => b.firstOffset - a.firstOffset)
  }

  /** Takes the next batch of data. @returns whether it was aborted, so that nobody may see it. */
  isAborted(bytes: Uint8Array, at: number): boolean {
    this.#beginUpTo(batch.lastOffset(bytes, at))
    if (!batch.isTransactional(bytes, at)) return false
    const producerId = batch.producerId(bytes, at)
    const aborting = this.#aborting.get(producerId)
    if (aborting) aborting.hasBatch = true
    else this.#committing.add(producerId)
    return aborting !== undefined
  }

  /** Takes the next control batch. @returns whether it is of no use any more. */
  isNeedless(bytes: Uint8Array, at: number): boolean {
    this.#beginUpTo(batch.lastOffset(bytes, at))
    const producerId = batch.producerId(bytes, at)
    switch (markerOf(bytes, at)) {
      case 'commit':
        return !this.#committing.delete(producerId)
      case 'abort': {
        const aborting = this.#aborting.get(producerId)
        this.#aborting.delete(producerId)
        if (!aborting?.hasBatch) return true
        this.#onAbort(aborting.transaction)
        return false
      }
      case 'other':
        return false
      case 'none':
        return true
    }
  }

  #beginUpTo(offset: number): void {
    for (;;) {
      const transaction = this.#ahead.at(-1)
      if (!transaction || transaction.firstOffset > offset) return
      this.#ahead.pop()
      const { producerId } = transaction
      if (!this.#aborting.has(producerId)) {
        this.#aborting.set(producerId, { transaction, hasBatch: false })
      }
    }
  }
}

/** @throws KafkaError INVALID_RECORD when the batch holds no control record but something else. */
export function markerOf(bytes: Uint8Array, at: number): Marker {
  for (const { key } of recordsOf(bytes, at, MAX_MARKER_BYTES)) {
    const type = key && key.length >= 4 ? readInt16(key, 2) : -1
    return type === 1 ? 'commit' : type === 0 ? 'abort' : 'other'
  }
  return 'none'
}
