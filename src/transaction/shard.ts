import type { Machine, StoredRecord, Ticket } from '../coordinator/machine.ts'
import { decideAbortOverdue } from './abort-overdue.ts'
import { decideAddPartitions, decideVerifyPartitions } from './add-partitions.ts'
import { completed, effectsOf } from './change.ts'
import { decideEndTransaction } from './end-transaction.ts'
import { type EndingTransaction, endingOf } from './ending.ts'
import type { TransactionEvent } from './events.ts'
import { decideExpire, expireLater } from './expire.ts'
import { decideInitProducerId } from './init-producer-id.ts'
import { decideMarkersWritten } from './markers-written.ts'
import { withoutPartitions } from './partitions.ts'
import { decodeTransactionRecord, encodeTransactionRecord } from './record-codec.ts'
import type { TransactionRecord } from './records.ts'
import { isEnding, isOverdue, NONE, type Transaction } from './transaction.ts'
import type { TransactionEffect, TransactionNote, TransactionWorld } from './world.ts'

/**
 * The transactional ids of one partition of `__transaction_state`. A record holds all of one id, so the
 * last one counts.
 *
 * What has been decided and not told yet is the outbox: `endings`. It needs no record of its own: after
 * a new start it is what the log's prepared transactions are, whole, and a partition that hears an end
 * twice is not disturbed by it.
 *
 * 100,000 transactional ids cost 29 MB of heap; taking them over takes some 15 µs each.
 */
export class TransactionShard
  implements Machine<TransactionRecord, TransactionNote, TransactionEvent, TransactionWorld>
{
  readonly #transactions = new Map<string, Transaction>()
  /** Ids whose end has to be told. */
  readonly #ending = new Set<string>()
  readonly #onEnding: () => void
  #isLoaded = false

  /** @param onEnding there are ends to be told. They may not be committed yet: `endings`, asked for by
   *  a query of the runtime, is given when they are. */
  constructor(onEnding: () => void) {
    this.#onEnding = onEnding
  }

  get(transactionalId: string): Transaction | undefined {
    return this.#transactions.get(transactionalId)
  }

  /** All of them, in no order that means anything. */
  transactions(): IterableIterator<Transaction> {
    return this.#transactions.values()
  }

  /** Transactions that partitions have to be told the end of. */
  endings(): readonly EndingTransaction[] {
    return [...this.#ending].map((transactionalId) => endingOf(this.get(transactionalId)!)!)
  }

  /** Those that are open for longer than their producers asked for. */
  overdue({ nowMs }: TransactionWorld): readonly Transaction[] {
    return [...this.transactions()].filter((transaction) => isOverdue(transaction, nowMs))
  }

  decide(
    event: TransactionEvent,
    ticket: Ticket,
    world: TransactionWorld,
  ): readonly TransactionEffect[] {
    if (event.type === 'expire') return decideExpire(this.transactions(), world)
    const transaction = this.get(event.transactionalId)
    switch (event.type) {
      case 'init-producer-id':
        return decideInitProducerId(transaction, event, ticket, world)
      case 'add-partitions':
        return decideAddPartitions(transaction, event, ticket, world)
      case 'verify-partitions':
        return decideVerifyPartitions(transaction, event, ticket)
      case 'end-transaction':
        return decideEndTransaction(transaction, event, ticket, world)
      case 'abort-overdue':
        return decideAbortOverdue(transaction, event, ticket, world)
      case 'markers-written':
        return decideMarkersWritten(transaction, event, ticket, world)
    }
  }

  apply({ transactionalId, content }: TransactionRecord, recordOffset: number): void {
    if (content === null) {
      this.#transactions.delete(transactionalId)
      this.#ending.delete(transactionalId)
      return
    }
    const transaction = { ...content, transactionalId, recordOffset, lastProducerEpoch: NONE }
    this.#transactions.set(transactionalId, transaction)
    if (!isEnding(transaction)) {
      this.#ending.delete(transactionalId)
      return
    }
    this.#ending.add(transactionalId)
    if (this.#isLoaded) this.#onEnding()
  }

  note(note: TransactionNote): void {
    const transaction = this.get(note.transactionalId)!
    this.#transactions.set(note.transactionalId, { ...transaction, ...noted(transaction, note) })
  }

  /** The topic's own records are part of no transaction. */
  endTransaction(): void {}

  encode(record: TransactionRecord): StoredRecord {
    return encodeTransactionRecord(record)
  }

  decode(stored: StoredRecord): TransactionRecord | undefined {
    return decodeTransactionRecord(stored)
  }

  loaded(world: TransactionWorld): readonly TransactionEffect[] {
    this.#isLoaded = true
    if (this.#ending.size > 0) this.#onEnding()
    return [expireLater(world), ...this.#endingsOfNothing(world)]
  }

  /** Kafka writes the end of a transaction without partitions as two records, and may have stopped
   *  between them: there is nobody whose acknowledgement would complete it. */
  #endingsOfNothing(world: TransactionWorld): readonly TransactionEffect[] {
    const ending = [...this.#ending].map((transactionalId) => this.get(transactionalId)!)
    return ending
      .filter(({ partitions }) => partitions.size === 0)
      .flatMap((from) => effectsOf(from.transactionalId, completed(from, world), world))
  }
}

function noted({ partitions }: Transaction, note: TransactionNote): Partial<Transaction> {
  if (note.type === 'told') return { partitions: withoutPartitions(partitions, note.partitions) }
  const { lastProducerEpoch, previousProducerId } = note
  return { lastProducerEpoch, previousProducerId }
}
