import type { Ticket } from '../coordinator/machine.ts'
import type { ErrorName } from '../protocol/errors.ts'
import { replyTo } from './answers.ts'
import { changed, effectsOf } from './change.ts'
import type { AddPartitionsEvent, VerifyPartitionsEvent } from './events.ts'
import { hasAll, NO_PARTITIONS, withoutPartitions, withPartitions } from './partitions.ts'
import { isEnding, type Transaction } from './transaction.ts'
import type { TransactionEffect, TransactionWorld } from './world.ts'

/**
 * Partitions join a transaction, which begins with the first of them. Nobody may write to them before
 * this is committed: what is not in the record would not be told the end.
 *
 * | state | answer |
 * |---|---|
 * | being ended | CONCURRENT_TRANSACTIONS |
 * | unknown, or of another producer id | INVALID_PRODUCER_ID_MAPPING |
 * | another epoch | PRODUCER_FENCED |
 * | ongoing, with all of them | NONE, and nothing is written |
 * | all others | NONE |
 */
export function decideAddPartitions(
  transaction: Transaction | undefined,
  event: AddPartitionsEvent,
  ticket: Ticket,
  world: TransactionWorld,
): readonly TransactionEffect[] {
  const { clientVersion, partitions: added } = event
  const reply = (error: ErrorName) => replyTo('add-partitions', ticket, { error })
  if (transaction !== undefined && isEnding(transaction)) return [reply('CONCURRENT_TRANSACTIONS')]
  const error = producerError(transaction, event)
  if (transaction === undefined || error !== undefined) {
    return [reply(error ?? 'INVALID_PRODUCER_ID_MAPPING')]
  }
  const isOpen = transaction.state === 'ongoing'
  if (isOpen && hasAll(transaction.partitions, added)) return [reply('NONE')]
  const partitions = withPartitions(transaction.partitions, added)
  const startMs = isOpen ? transaction.startMs : world.nowMs
  const next = changed(transaction, { state: 'ongoing', partitions, startMs, clientVersion }, world)
  return [...effectsOf(event.transactionalId, next, world), reply('NONE')]
}

/**
 * A partition leader asks before the first batch of a transaction that its client has added itself
 * (KIP-890): a batch that comes late, when its transaction has ended, must not open another. Answered
 * when what it rests on is committed.
 */
export function decideVerifyPartitions(
  transaction: Transaction | undefined,
  event: VerifyPartitionsEvent,
  ticket: Ticket,
): readonly TransactionEffect[] {
  const refuse = (error: ErrorName) => [
    replyTo('verify-partitions', ticket, { error, missing: NO_PARTITIONS }),
  ]
  const error = producerError(transaction, event)
  if (transaction === undefined || error !== undefined) {
    return refuse(error ?? 'INVALID_PRODUCER_ID_MAPPING')
  }
  if (isEnding(transaction)) return refuse('CONCURRENT_TRANSACTIONS')
  const missing = withoutPartitions(event.partitions, transaction.partitions)
  return [replyTo('verify-partitions', ticket, { error: 'NONE', missing })]
}

function producerError(
  transaction: Transaction | undefined,
  { producerId, producerEpoch }: AddPartitionsEvent | VerifyPartitionsEvent,
): ErrorName | undefined {
  if (transaction?.producerId !== producerId) return 'INVALID_PRODUCER_ID_MAPPING'
  return transaction.producerEpoch === producerEpoch ? undefined : 'PRODUCER_FENCED'
}
