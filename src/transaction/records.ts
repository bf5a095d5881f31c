import type { TransactionContent } from './transaction.ts'

/** A record of `__transaction_state`, as the machine sees it. */
export interface TransactionRecord {
  readonly transactionalId: string
  /** null: a tombstone. */
  readonly content: TransactionContent | null
  /** How its value is written. Version 0, of clusters at `transaction.version` 0, tells neither the
   *  previous and the next producer id nor the client's version. */
  readonly valueVersion: 0 | 1
}
