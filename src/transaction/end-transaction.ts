import type { Ticket } from '../coordinator/machine.ts'
import type { ErrorName } from '../protocol/errors.ts'
import { FRESH_ID_NEEDED, noProducerId, replyTo } from './answers.ts'
import { completed, decisionEffects } from './change.ts'
import { ended, needsFreshId } from './end.ts'
import type { EndTransactionEvent } from './events.ts'
import {
  isEnding,
  isExhausted,
  raisesEpochs,
  type Transaction,
  type TransactionState,
} from './transaction.ts'
import type { TransactionEffect, TransactionWorld } from './world.ts'

/** `decide`: a new decision. `repeat`: what was decided is answered once more. */
type Verdict = 'decide' | 'repeat' | ErrorName

/**
 * An EndTxn. Answered when the decision is committed: from then on nothing can undo it, though the
 * partitions have not been told yet. A client of version 2 learns the epoch it goes on with.
 *
 * Of the producer's own epoch, client of version 0 or 1:
 *
 * | state | commit | abort |
 * |---|---|---|
 * | ongoing | decided | decided |
 * | being ended | CONCURRENT_TRANSACTIONS | CONCURRENT_TRANSACTIONS |
 * | complete-commit | repeated | INVALID_TXN_STATE |
 * | complete-abort | INVALID_TXN_STATE | repeated |
 * | empty | INVALID_TXN_STATE | INVALID_TXN_STATE |
 *
 * A client of version 2 may abort what it never began, as it does not know whether its first batch
 * arrived: empty and complete become prepare-abort, with the next epoch. It repeats an end with the
 * epoch before: that tells the repeated end of one transaction from the end of the next.
 */
export function decideEndTransaction(
  transaction: Transaction | undefined,
  event: EndTransactionEvent,
  ticket: Ticket,
  world: TransactionWorld,
): readonly TransactionEffect[] {
  const refuse = (error: ErrorName) => [replyTo('end-transaction', ticket, noProducerId(error))]
  if (transaction === undefined) return refuse('INVALID_PRODUCER_ID_MAPPING')
  const isNewClient = raisesEpochs(event.clientVersion)
  const verdict = isNewClient ? ofNewClient(transaction, event) : ofOldClient(transaction, event)
  switch (verdict) {
    case 'decide':
      return decided(transaction, event, ticket, world)
    case 'repeat': {
      const { producerId, producerEpoch } = transaction
      const answer = { error: 'NONE', producerId, producerEpoch } as const
      return [replyTo('end-transaction', ticket, answer)]
    }
    default:
      return refuse(verdict)
  }
}

function decided(
  transaction: Transaction,
  event: EndTransactionEvent,
  ticket: Ticket,
  world: TransactionWorld,
): readonly TransactionEffect[] {
  const { clientVersion: version, freshProducerId, isCommitted } = event
  const ending = { isCommitted, version, freshProducerId }
  if (needsFreshId(transaction, ending)) {
    return [replyTo('end-transaction', ticket, FRESH_ID_NEEDED)]
  }
  const next = ended(transaction, ending, world)
  // What the producer will be when all is done.
  const { producerId, producerEpoch } = completed(next, world)
  return [
    ...decisionEffects(event.transactionalId, next, world),
    replyTo('end-transaction', ticket, { error: 'NONE', producerId, producerEpoch }),
  ]
}

function ofOldClient(transaction: Transaction, event: EndTransactionEvent): Verdict {
  if (transaction.producerId !== event.producerId) return 'INVALID_PRODUCER_ID_MAPPING'
  if (transaction.producerEpoch !== event.producerEpoch) return 'PRODUCER_FENCED'
  if (isEnding(transaction)) return 'CONCURRENT_TRANSACTIONS'
  if (transaction.state === 'ongoing') return 'decide'
  return transaction.state === completeOf(event) ? 'repeat' : 'INVALID_TXN_STATE'
}

function ofNewClient(transaction: Transaction, event: EndTransactionEvent): Verdict {
  if (isEnding(transaction)) return 'CONCURRENT_TRANSACTIONS'
  const { producerId, producerEpoch, state } = transaction
  const isComplete = state === 'complete-commit' || state === 'complete-abort'
  const isAcrossIds = isRepeatAcrossIds(transaction, event)
  if (producerId !== event.producerId && !isAcrossIds) return 'INVALID_PRODUCER_ID_MAPPING'
  const isRepeat = isComplete && (isAcrossIds || producerEpoch === event.producerEpoch + 1)
  if (isRepeat) return state === completeOf(event) ? 'repeat' : 'INVALID_TXN_STATE'
  if (producerEpoch !== event.producerEpoch) return 'PRODUCER_FENCED'
  if (state === 'ongoing') return 'decide'
  // Nothing was begun: there is nothing to commit, and an abort is taken at its word.
  return event.isCommitted ? 'INVALID_TXN_STATE' : 'decide'
}

function completeOf({ isCommitted }: EndTransactionEvent): TransactionState {
  return isCommitted ? 'complete-commit' : 'complete-abort'
}

/** An end that used up the epochs of a producer id, repeated under that id. */
function isRepeatAcrossIds(transaction: Transaction, event: EndTransactionEvent): boolean {
  const { previousProducerId, producerEpoch, producerId } = transaction
  const isRotated = previousProducerId !== producerId && producerEpoch === 0
  const isOfPrevious = event.producerId === previousProducerId && isExhausted(event.producerEpoch)
  return isRotated && isOfPrevious
}
