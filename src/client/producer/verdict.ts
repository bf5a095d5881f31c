import { type ErrorName, errors } from '../../protocol/errors.ts'

/**
 * What becomes of a batch after an attempt. `done`: it is in the log. `retry`: as it is. `renew`: under
 * a new epoch, because the broker has lost the thread of sequence numbers (KIP-360). `split`: in
 * smaller batches. `fail`: those who wait are told.
 */
export type Verdict = 'done' | 'retry' | 'renew' | 'split' | 'fail'

/** What a verdict depends on, besides the error. */
export interface Attempt {
  readonly isIdempotent: boolean
  /** Whether every earlier batch of the partition is settled. */
  readonly isFirst: boolean
  readonly recordCount: number
  /** Whether `retries` and `delivery.timeout.ms` allow another attempt. */
  readonly mayRetry: boolean
}

/**
 * Judges an answer. A batch that is not the first of its partition fails to be in sequence because an
 * earlier one failed: it only has to wait for that. The first one was refused because the broker knows
 * nothing of those before it: it is certain then that it holds none of the batches from there on.
 */
export function verdictOn(error: ErrorName, attempt: Attempt): Verdict {
  switch (error) {
    case 'NONE':
      return 'done'
    case 'DUPLICATE_SEQUENCE_NUMBER':
      return attempt.isIdempotent ? 'done' : 'fail'
    case 'MESSAGE_TOO_LARGE':
      return attempt.recordCount > 1 ? 'split' : 'fail'
    case 'OUT_OF_ORDER_SEQUENCE_NUMBER':
    case 'UNKNOWN_PRODUCER_ID':
      if (!attempt.isIdempotent || !attempt.mayRetry) return 'fail'
      return attempt.isFirst ? 'renew' : 'retry'
    default:
      return errors[error].retriable && attempt.mayRetry ? 'retry' : 'fail'
  }
}
