import type { describeTransactions } from '../protocol/api/65-describe-transactions.ts'
import { errors } from '../protocol/errors.ts'
import type { ResponseInput } from '../protocol/schema.ts'
import { topicsOf } from './partitions.ts'
import type { Transaction, TransactionState } from './transaction.ts'

type Description = ResponseInput<typeof describeTransactions>['transactionStates'][number]

/** What Kafka calls them. */
export const stateNames: Readonly<Record<TransactionState, string>> = {
  empty: 'Empty',
  ongoing: 'Ongoing',
  'prepare-commit': 'PrepareCommit',
  'prepare-abort': 'PrepareAbort',
  'complete-commit': 'CompleteCommit',
  'complete-abort': 'CompleteAbort',
}

/** A transactional id as DescribeTransactions tells it, with the partitions that wait for the end. */
export function describeTransaction(transaction: Transaction): Description {
  return {
    errorCode: errors.NONE.code,
    transactionalId: transaction.transactionalId,
    transactionState: stateNames[transaction.state],
    transactionTimeoutMs: transaction.timeoutMs,
    transactionStartTimeMs: transaction.startMs,
    producerId: transaction.producerId,
    producerEpoch: transaction.producerEpoch,
    topics: topicsOf(transaction.partitions).map(({ topic, partitionIds }) => ({
      topic,
      partitions: [...partitionIds],
    })),
  }
}

/** Why a transactional id cannot be described. */
export function notDescribed(
  transactionalId: string,
  error: 'TRANSACTIONAL_ID_NOT_FOUND' | 'INVALID_REQUEST',
): Description {
  return {
    errorCode: errors[error].code,
    transactionalId,
    transactionState: '',
    transactionTimeoutMs: 0,
    transactionStartTimeMs: 0,
    producerId: 0,
    producerEpoch: 0,
    topics: [],
  }
}
