import type { TransactionPartitions } from './partitions.ts'
import { isEnding, type Transaction, type TransactionVersion } from './transaction.ts'

/**
 * A decided transaction that not every partition has been told of: what markers have to say, besides the
 * epoch of the coordinator. To be sent only once it is committed, which it is when a query of the
 * runtime gives it; sent again until each partition has acknowledged a marker that it has committed.
 */
export interface EndingTransaction {
  readonly transactionalId: string
  /** To be given back with the acknowledgements. */
  readonly decisionOffset: number
  readonly producerId: number
  readonly producerEpoch: number
  readonly isCommitted: boolean
  /** 2: a partition accepts the marker only with a higher epoch than that of the batches (KIP-890). */
  readonly transactionVersion: TransactionVersion
  /** Those that have not acknowledged one. */
  readonly partitions: TransactionPartitions
}

export function endingOf(transaction: Transaction): EndingTransaction | undefined {
  if (!isEnding(transaction)) return undefined
  return {
    transactionalId: transaction.transactionalId,
    decisionOffset: transaction.recordOffset,
    producerId: transaction.producerId,
    producerEpoch: transaction.producerEpoch,
    isCommitted: transaction.state === 'prepare-commit',
    transactionVersion: transaction.clientVersion,
    partitions: transaction.partitions,
  }
}
