import type { BrokerConfig } from '../config/broker.ts'
import type { Effect, Instant } from '../coordinator/machine.ts'
import type { TransactionEvent } from './events.ts'
import type { TransactionPartitions } from './partitions.ts'
import type { TransactionRecord } from './records.ts'
import type { TransactionVersion } from './transaction.ts'

/** What decisions about transactions rest on besides the transaction itself. */
export interface TransactionWorld extends Instant {
  readonly broker: BrokerConfig
  /** The level that the cluster runs at. */
  readonly transactionVersion: TransactionVersion
}

/** Changes that no record tells. */
export type TransactionNote =
  /** By which a client is known that missed the answer to a raise. */
  | {
      readonly type: 'producer-before'
      readonly transactionalId: string
      readonly lastProducerEpoch: number
      /** Records of version 0 do not tell it. */
      readonly previousProducerId: number
    }
  /** These need not be told again how the transaction ended. After a new start all are, which does no
   *  harm: they know it. */
  | {
      readonly type: 'told'
      readonly transactionalId: string
      readonly partitions: TransactionPartitions
    }

export type TransactionEffect = Effect<TransactionRecord, TransactionNote, TransactionEvent>
