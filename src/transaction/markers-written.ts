import type { Ticket } from '../coordinator/machine.ts'
import { replyTo } from './answers.ts'
import { completed, effectsOf } from './change.ts'
import type { MarkersWrittenEvent } from './events.ts'
import { withoutPartitions } from './partitions.ts'
import { isEnding, type Transaction } from './transaction.ts'
import type { TransactionEffect, TransactionWorld } from './world.ts'

/**
 * Partitions have been told the end of a transaction; when all have, it is complete. News of another
 * decision than the one that is being carried out counts for nothing: they are of a transaction before,
 * and its markers say nothing about this one.
 */
export function decideMarkersWritten(
  transaction: Transaction | undefined,
  event: MarkersWrittenEvent,
  ticket: Ticket,
  world: TransactionWorld,
): readonly TransactionEffect[] {
  const { decisionOffset, partitions, transactionalId } = event
  const isCurrent = transaction?.recordOffset === decisionOffset && isEnding(transaction)
  if (!isCurrent) return [replyTo('markers-written', ticket, { isComplete: false })]
  const left = withoutPartitions(transaction.partitions, partitions)
  if (left.size === 0) {
    return [
      ...effectsOf(transactionalId, completed(transaction, world), world),
      replyTo('markers-written', ticket, { isComplete: true }),
    ]
  }
  return [
    { type: 'note', note: { type: 'told', transactionalId, partitions } },
    replyTo('markers-written', ticket, { isComplete: false }),
  ]
}
