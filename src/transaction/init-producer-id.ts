import type { Ticket } from '../coordinator/machine.ts'
import type { ErrorName } from '../protocol/errors.ts'
import { FRESH_ID_NEEDED, noProducerId, replyTo } from './answers.ts'
import { changed, decisionEffects, effectsOf, type Next } from './change.ts'
import { aborted, needsFreshId } from './end.ts'
import type { InitProducerIdEvent, TransactionAnswers } from './events.ts'
import { NO_PARTITIONS } from './partitions.ts'
import {
  isEnding,
  isExhausted,
  NEVER_MS,
  NO_TIMEOUT_MS,
  NONE,
  type Transaction,
} from './transaction.ts'
import type { TransactionEffect, TransactionWorld } from './world.ts'

type Answer = TransactionAnswers['init-producer-id']

/**
 * An InitProducerId with a transactional id: the caller becomes the one instance that may write under
 * it. What an earlier one left open is aborted first, and the caller told to come again.
 *
 * | state | answer |
 * |---|---|
 * | unknown | a new producer id, epoch 0 |
 * | empty, complete | the next epoch; after the last one another producer id |
 * | ongoing | CONCURRENT_TRANSACTIONS, and it is aborted with a raised epoch |
 * | being ended | CONCURRENT_TRANSACTIONS |
 *
 * A caller that names the id and epoch it has (KIP-360) is refused with PRODUCER_FENCED unless those are
 * the current ones, or those before a raise whose answer it has missed.
 */
export function decideInitProducerId(
  transaction: Transaction | undefined,
  event: InitProducerIdEvent,
  ticket: Ticket,
  world: TransactionWorld,
): readonly TransactionEffect[] {
  const reply = (answer: Answer) => replyTo('init-producer-id', ticket, answer)
  const error = requestError(event, world) ?? (transaction && stateError(transaction, event))
  if (error !== undefined) return [reply(noProducerId(error))]
  if (transaction?.state === 'ongoing') return abortFirst(transaction, event, ticket, world)
  const next = initialized(transaction, event, world)
  if (next === 'needs-fresh-id') return [reply(FRESH_ID_NEEDED)]
  if (next === 'fenced') return [reply(noProducerId('PRODUCER_FENCED'))]
  const { producerId, producerEpoch } = next
  return [
    ...effectsOf(event.transactionalId, next, world),
    reply({ error: 'NONE', producerId, producerEpoch }),
  ]
}

function requestError(
  event: InitProducerIdEvent,
  { broker }: TransactionWorld,
): ErrorName | undefined {
  const { enable2Pc, keepPrepared, timeoutMs } = event
  if (enable2Pc && !broker['transaction.two.phase.commit.enable']) {
    return 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED'
  }
  // As in Kafka 4.3, which reserves the field.
  if (keepPrepared) return 'UNSUPPORTED_VERSION'
  const isWithin = timeoutMs > 0 && timeoutMs <= broker['transaction.max.timeout.ms']
  return enable2Pc || isWithin ? undefined : 'INVALID_TRANSACTION_TIMEOUT'
}

function stateError(
  transaction: Transaction,
  { expected }: InitProducerIdEvent,
): ErrorName | undefined {
  if (isEnding(transaction)) return 'CONCURRENT_TRANSACTIONS'
  if (expected === undefined || expected.producerId === transaction.producerId) return undefined
  // The answer with the new producer id may have been missed.
  const isOfPrevious = expected.producerId === transaction.previousProducerId
  return isOfPrevious && isExhausted(expected.producerEpoch) ? undefined : 'PRODUCER_FENCED'
}

function abortFirst(
  transaction: Transaction,
  { freshProducerId }: InitProducerIdEvent,
  ticket: Ticket,
  world: TransactionWorld,
): readonly TransactionEffect[] {
  const version = world.transactionVersion
  if (needsFreshId(transaction, { isCommitted: false, version, freshProducerId })) {
    return [replyTo('init-producer-id', ticket, FRESH_ID_NEEDED)]
  }
  const abort = aborted(transaction, freshProducerId, world)
  return [
    ...decisionEffects(transaction.transactionalId, abort, world),
    replyTo('init-producer-id', ticket, noProducerId('CONCURRENT_TRANSACTIONS')),
  ]
}

function initialized(
  transaction: Transaction | undefined,
  event: InitProducerIdEvent,
  world: TransactionWorld,
): Next | 'needs-fresh-id' | 'fenced' {
  const { expected, freshProducerId } = event
  const before = transaction ?? unknown(freshProducerId, world)
  if (before === undefined) return 'needs-fresh-id'
  const ids =
    transaction === undefined
      ? { producerEpoch: 0, lastProducerEpoch: NONE }
      : nextIds(before, expected, freshProducerId)
  if (typeof ids === 'string') return ids
  const timeoutMs = event.enable2Pc ? NO_TIMEOUT_MS : event.timeoutMs
  const fresh = { state: 'empty', timeoutMs, partitions: NO_PARTITIONS, startMs: NEVER_MS } as const
  return changed(before, { ...fresh, ...ids }, world)
}

/** Who missed the answer to a raise is given it again; everybody else the next epoch. */
function nextIds(
  before: Next,
  expected: InitProducerIdEvent['expected'],
  freshProducerId: number | undefined,
) {
  const { producerId, producerEpoch, lastProducerEpoch } = before
  const isCurrent = expected?.producerId === producerId && expected.producerEpoch === producerEpoch
  const isLast = expected !== undefined && expected.producerEpoch === lastProducerEpoch
  if (expected !== undefined && !isCurrent && !isLast) return 'fenced'
  if (isLast && !isCurrent) return { producerEpoch, lastProducerEpoch }
  const last = isCurrent ? producerEpoch : NONE
  if (!isExhausted(producerEpoch)) {
    return { producerEpoch: producerEpoch + 1, lastProducerEpoch: last }
  }
  if (freshProducerId === undefined) return 'needs-fresh-id'
  return { producerId: freshProducerId, producerEpoch: 0, lastProducerEpoch: last }
}

/** A transactional id before its first record. */
function unknown(
  freshProducerId: number | undefined,
  { nowMs }: TransactionWorld,
): Next | undefined {
  if (freshProducerId === undefined) return undefined
  return {
    state: 'empty',
    producerId: freshProducerId,
    previousProducerId: NONE,
    nextProducerId: NONE,
    producerEpoch: NONE,
    lastProducerEpoch: NONE,
    timeoutMs: 0,
    partitions: NO_PARTITIONS,
    startMs: NEVER_MS,
    lastUpdateMs: nowMs,
    clientVersion: 0,
  }
}
