import type { ErrorName } from '../protocol/errors.ts'
import type { TransactionPartitions } from './partitions.ts'
import type { TransactionVersion } from './transaction.ts'

/** Who writes under a transactional id. */
export interface ProducerOfId {
  readonly transactionalId: string
  readonly producerId: number
  readonly producerEpoch: number
}

/** For events that may have to give a producer a new id. The first time without one: the answer says
 *  whether it is needed. */
interface WithFreshId {
  /** An id nobody has had. */
  readonly freshProducerId: number | undefined
}

/** InitProducerId: an instance begins. */
export interface InitProducerIdEvent extends WithFreshId {
  readonly type: 'init-producer-id'
  readonly transactionalId: string
  readonly timeoutMs: number
  /** What the producer has and wants to go on with (KIP-360); undefined: it is new. */
  readonly expected: { readonly producerId: number; readonly producerEpoch: number } | undefined
  readonly enable2Pc: boolean
  readonly keepPrepared: boolean
}

/** AddPartitionsToTxn and AddOffsetsToTxn, which adds a partition of `__consumer_offsets`. */
export interface AddPartitionsEvent extends ProducerOfId {
  readonly type: 'add-partitions'
  readonly partitions: TransactionPartitions
  readonly clientVersion: TransactionVersion
}

/** A partition leader asks whether a producer's batches belong to an open transaction (KIP-890). */
export interface VerifyPartitionsEvent extends ProducerOfId {
  readonly type: 'verify-partitions'
  readonly partitions: TransactionPartitions
}

/** EndTxn. */
export interface EndTransactionEvent extends ProducerOfId, WithFreshId {
  readonly type: 'end-transaction'
  /** false: abort. */
  readonly isCommitted: boolean
  readonly clientVersion: TransactionVersion
}

/** One of those that `overdueTransactions` found. */
export interface AbortOverdueEvent extends WithFreshId {
  readonly type: 'abort-overdue'
  readonly transactionalId: string
  /** When it was found. */
  readonly producerId: number
}

/** Partitions have been told how a transaction ended: their markers are committed, or they are no more. */
export interface MarkersWrittenEvent {
  readonly type: 'markers-written'
  readonly transactionalId: string
  /** Of the decision that the markers told: see `EndingTransaction`. */
  readonly decisionOffset: number
  readonly partitions: TransactionPartitions
}

/** Ids that nobody used for long are to be forgotten. */
export interface ExpireEvent {
  readonly type: 'expire'
}

/** Everything that happens to transactions. */
export type TransactionEvent =
  | InitProducerIdEvent
  | AddPartitionsEvent
  | VerifyPartitionsEvent
  | EndTransactionEvent
  | AbortOverdueEvent
  | MarkersWrittenEvent
  | ExpireEvent

/** With another error than NONE id and epoch are -1. */
export interface ProducerIdAnswer {
  readonly error: ErrorName
  readonly producerId: number
  readonly producerEpoch: number
}

/** Nothing was decided: the event has to come again, with a fresh id. */
export interface FreshIdNeeded {
  readonly needsFreshId: true
}

/** What each event is answered. Refusals are answers too; what they are called in older versions of a
 *  protocol is the handlers' business. */
export interface TransactionAnswers {
  readonly 'init-producer-id': ProducerIdAnswer | FreshIdNeeded
  readonly 'add-partitions': { readonly error: ErrorName }
  /** `error` of all partitions; with NONE each has its own. */
  readonly 'verify-partitions': {
    readonly error: ErrorName
    readonly missing: TransactionPartitions
  }
  readonly 'end-transaction': ProducerIdAnswer | FreshIdNeeded
  readonly 'abort-overdue': ProducerIdAnswer | FreshIdNeeded
  readonly 'markers-written': { readonly isComplete: boolean }
}
