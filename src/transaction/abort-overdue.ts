import type { Ticket } from '../coordinator/machine.ts'
import { FRESH_ID_NEEDED, noProducerId, replyTo } from './answers.ts'
import { decisionEffects } from './change.ts'
import { aborted, needsFreshId } from './end.ts'
import type { AbortOverdueEvent } from './events.ts'
import { isOverdue, type Transaction } from './transaction.ts'
import type { TransactionEffect, TransactionWorld } from './world.ts'

/** A transaction that was found to be open for too long is aborted and its producer fenced, if that is
 *  still so; else INVALID_TXN_STATE. */
export function decideAbortOverdue(
  transaction: Transaction | undefined,
  event: AbortOverdueEvent,
  ticket: Ticket,
  world: TransactionWorld,
): readonly TransactionEffect[] {
  const { freshProducerId, producerId, transactionalId } = event
  const isSame = transaction?.producerId === producerId
  if (!isSame || !isOverdue(transaction, world.nowMs)) {
    return [replyTo('abort-overdue', ticket, noProducerId('INVALID_TXN_STATE'))]
  }
  const version = world.transactionVersion
  if (needsFreshId(transaction, { isCommitted: false, version, freshProducerId })) {
    return [replyTo('abort-overdue', ticket, FRESH_ID_NEEDED)]
  }
  const abort = aborted(transaction, freshProducerId, world)
  return [
    ...decisionEffects(transactionalId, abort, world),
    replyTo('abort-overdue', ticket, {
      error: 'NONE',
      producerId: abort.producerId,
      producerEpoch: abort.producerEpoch,
    }),
  ]
}
