import { NO_PARTITIONS } from './partitions.ts'
import {
  checkTransition,
  isEnding,
  NONE,
  type TransactionContent,
  type Unrecorded,
} from './transaction.ts'
import type { TransactionEffect, TransactionWorld } from './world.ts'

/** A transactional id with what is decided about it: what its next record will tell, and what not. */
export type Next = TransactionContent & Unrecorded

/** What to change; all else stays, but the record says who the producer was before. */
type Changes = Partial<Omit<Next, 'state' | 'previousProducerId' | 'lastUpdateMs'>> &
  Pick<Next, 'state'>

/** @param from as it was, or as decided already within the same event. */
export function changed(from: Next, changes: Changes, { nowMs }: TransactionWorld): Next {
  checkTransition(from.state, changes.state)
  return { ...from, ...changes, previousProducerId: from.producerId, lastUpdateMs: nowMs }
}

/** The record of a change, and a note of what the record does not tell and applying it forgets. */
export function effectsOf(
  transactionalId: string,
  next: Next,
  { transactionVersion }: TransactionWorld,
): readonly TransactionEffect[] {
  const valueVersion = transactionVersion >= 1 ? 1 : 0
  const content = contentOf(next)
  const recorded = valueVersion === 0 ? { ...content, previousProducerId: NONE } : content
  const record = { transactionalId, content: recorded, valueVersion } as const
  const { lastProducerEpoch, previousProducerId } = next
  const isAllTold = lastProducerEpoch === NONE && previousProducerId === recorded.previousProducerId
  const append: TransactionEffect = { type: 'append', record }
  if (isAllTold) return [append]
  const note = {
    type: 'producer-before',
    transactionalId,
    lastProducerEpoch,
    previousProducerId,
  } as const
  return [append, { type: 'note', note }]
}

/**
 * Every partition has been told: the producer may begin anew, with the id that was set aside for it if
 * the epochs of the old one are used up.
 */
export function completed(ending: Next, world: TransactionWorld): Next {
  const isRotated = ending.nextProducerId !== NONE
  return changed(
    ending,
    {
      state: ending.state === 'prepare-commit' ? 'complete-commit' : 'complete-abort',
      nextProducerId: NONE,
      partitions: NO_PARTITIONS,
      ...(isRotated && { producerId: ending.nextProducerId, producerEpoch: 0 }),
    },
    world,
  )
}

/** The records of a decision, and of its completion when there is no partition to be told. */
export function decisionEffects(
  transactionalId: string,
  ending: Next,
  world: TransactionWorld,
): readonly TransactionEffect[] {
  const effects = effectsOf(transactionalId, ending, world)
  if (!isEnding(ending) || ending.partitions.size > 0) return effects
  return [...effects, ...effectsOf(transactionalId, completed(ending, world), world)]
}

/** That of a transaction which its record tells. */
export function contentOf(from: TransactionContent): TransactionContent {
  return {
    state: from.state,
    producerId: from.producerId,
    previousProducerId: from.previousProducerId,
    nextProducerId: from.nextProducerId,
    producerEpoch: from.producerEpoch,
    timeoutMs: from.timeoutMs,
    partitions: from.partitions,
    startMs: from.startMs,
    lastUpdateMs: from.lastUpdateMs,
    clientVersion: from.clientVersion,
  }
}
