import type { Ticket } from '../coordinator/machine.ts'
import type { ErrorName } from '../protocol/errors.ts'
import type { TransactionAnswers } from './events.ts'
import { NONE } from './transaction.ts'
import type { TransactionEffect } from './world.ts'

/** @param _asked the event, which says what an answer looks like. */
export function replyTo<T extends keyof TransactionAnswers>(
  _asked: T,
  ticket: Ticket,
  answer: TransactionAnswers[T],
): TransactionEffect {
  return { type: 'reply', to: ticket, answer }
}

/** An answer to who asks for a producer id, and gets none. */
export function noProducerId(error: ErrorName) {
  return { error, producerId: NONE, producerEpoch: NONE }
}

/** The event has to come again with a fresh id. */
export const FRESH_ID_NEEDED = { needsFreshId: true } as const
