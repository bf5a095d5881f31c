import type { Transaction } from './transaction.ts'
import type { TransactionEffect, TransactionWorld } from './world.ts'

const TIMER = 'expire'

/** Tombstones of one turn, at most: writing them takes some ms. */
export const TOMBSTONES_PER_TURN = 1_000

/** The next look for ids that nobody uses. */
export function expireLater({ monotonicMs, broker }: TransactionWorld): TransactionEffect {
  const delayMs = broker['transaction.remove.expired.transaction.cleanup.interval.ms']
  return { type: 'timer', key: TIMER, dueMs: monotonicMs + delayMs, event: { type: 'expire' } }
}

/** Forgets ids that were not used for `transactional.id.expiration.ms`, unless a transaction is open.
 *  What is too much for one turn follows at once. */
export function decideExpire(
  transactions: Iterable<Transaction>,
  world: TransactionWorld,
): readonly TransactionEffect[] {
  const tombstones: TransactionEffect[] = []
  for (const transaction of transactions) {
    if (!isExpired(transaction, world)) continue
    if (tombstones.length === TOMBSTONES_PER_TURN) {
      const dueMs = world.monotonicMs
      return [...tombstones, { type: 'timer', key: TIMER, dueMs, event: { type: 'expire' } }]
    }
    const { transactionalId } = transaction
    const valueVersion = world.transactionVersion >= 1 ? 1 : 0
    tombstones.push({ type: 'append', record: { transactionalId, content: null, valueVersion } })
  }
  return [...tombstones, expireLater(world)]
}

function isExpired({ state, lastUpdateMs }: Transaction, world: TransactionWorld): boolean {
  const isIdle = state === 'empty' || state === 'complete-commit' || state === 'complete-abort'
  return isIdle && lastUpdateMs <= world.nowMs - world.broker['transactional.id.expiration.ms']
}
