/** Transactions: who may write under a transactional id, what belongs to the transaction that is open
 *  under it, and how it ends. This file is their centre, what is known of one transactional id. */

import { assert } from '../kernel/assert.ts'
import type { TransactionPartitions } from './partitions.ts'

/**
 * Where a transaction stands. `prepare-…` is the decision: once its record is committed it can only be
 * carried out, and what is left to do is to tell every partition.
 *
 * | from | what happens | to |
 * |---|---|---|
 * | (unknown), empty, complete-… | an instance begins | empty |
 * | empty, complete-…, ongoing | partitions are added | ongoing |
 * | ongoing | commit | prepare-commit |
 * | ongoing | abort, time is up, another instance begins | prepare-abort |
 * | empty, complete-… | abort of what was never begun, by a client of version 2 | prepare-abort |
 * | prepare-commit | every partition has been told | complete-commit |
 * | prepare-abort | every partition has been told | complete-abort |
 * | empty, complete-… | nobody uses it for long | (unknown), by a tombstone |
 */
export type TransactionState =
  | 'empty'
  | 'ongoing'
  | 'prepare-commit'
  | 'prepare-abort'
  | 'complete-commit'
  | 'complete-abort'

/** The states that one may be entered from. */
const enteredFrom: Readonly<Record<TransactionState, readonly TransactionState[]>> = {
  empty: ['empty', 'complete-commit', 'complete-abort'],
  ongoing: ['empty', 'ongoing', 'complete-commit', 'complete-abort'],
  'prepare-commit': ['ongoing'],
  'prepare-abort': ['ongoing', 'empty', 'complete-commit', 'complete-abort'],
  'complete-commit': ['prepare-commit'],
  'complete-abort': ['prepare-abort'],
}

/** The level of `transaction.version` that somebody goes by. 1: flexible records. 2: the epoch rises
 *  with every transaction (KIP-890). */
export type TransactionVersion = 0 | 1 | 2

/** No producer id, no epoch. */
export const NONE = -1
/** No transaction has begun: Kafka's value for a time that is none. */
export const NEVER_MS = -1
/** The timeout of transactions that only their coordinator outside ends (KIP-939). */
export const NO_TIMEOUT_MS = 0x7fff_ffff
/** Used by markers alone: a producer whose epoch is one below gets another id. */
export const LAST_EPOCH = 0x7fff

/** What a record tells of a transactional id. */
export interface TransactionContent {
  readonly state: TransactionState
  readonly producerId: number
  /** Before the last record. Another one than `producerId` when the epochs of that were used up. */
  readonly previousProducerId: number
  /** What the producer goes on with once the transaction is complete; -1: with the one it has. */
  readonly nextProducerId: number
  readonly producerEpoch: number
  readonly timeoutMs: number
  /** While it is being ended: those that have not been told yet, of which a record tells them all. */
  readonly partitions: TransactionPartitions
  /** Wall clock; -1 before the first. */
  readonly startMs: number
  readonly lastUpdateMs: number
  /** What the client of the last transaction went by. */
  readonly clientVersion: TransactionVersion
}

/** What no record tells, and what is lost with the coordinator. */
export interface Unrecorded {
  /** The epoch before the last raise, by which a client is known that missed the answer; -1: none. */
  readonly lastProducerEpoch: number
}

/** All that is known of a transactional id. Never changed, only replaced. */
export interface Transaction extends TransactionContent, Unrecorded {
  readonly transactionalId: string
  /** Where its last record lies: names a decision as nothing else does, since a client of version 0
   *  ends one transaction after the other with the same id and epoch. */
  readonly recordOffset: number
}

/** Decided, and not every partition has been told. */
export function isEnding({ state }: TransactionContent): boolean {
  return state === 'prepare-commit' || state === 'prepare-abort'
}

/** No later transaction of this producer id could end with a raised epoch. */
export function isExhausted(epoch: number): boolean {
  return epoch >= LAST_EPOCH - 1
}

/** Whether clients of a version have their epoch raised by every end. */
export function raisesEpochs(version: TransactionVersion): boolean {
  return version >= 2
}

/** Whether it has been open for longer than its producer asked for. */
export function isOverdue(transaction: TransactionContent, nowMs: number): boolean {
  const { state, startMs, timeoutMs } = transaction
  return state === 'ongoing' && timeoutMs !== NO_TIMEOUT_MS && startMs + timeoutMs < nowMs
}

/** Ours to get right: no event may lead anywhere else. */
export function checkTransition(from: TransactionState, to: TransactionState): void {
  assert(enteredFrom[to].includes(from), `a transaction goes from ${from} to ${to}`)
}
