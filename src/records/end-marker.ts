import { controlRecordTypeSchema, endTxnMarker } from '../protocol/internal/control-records.ts'
import { encodeVersioned } from '../protocol/stored.ts'
import { NO_SEQUENCE } from './batch.ts'
import { BatchBuilder } from './builder.ts'
import type { Prepared } from './validate.ts'

/** How a producer's transaction ends in one partition, by the word of its coordinator (KIP-98). */
export interface EndMarker {
  readonly producerId: number
  readonly producerEpoch: number
  readonly isCommitted: boolean
  /** Of the coordinator that says so: markers of an older one are refused. */
  readonly coordinatorEpoch: number
  /** 2: the epoch is above that of the transaction's batches (KIP-890). The log does not store it. */
  readonly transactionVersion: number
}

/** Kinds of control records that end a transaction. */
const ABORT = 0
const COMMIT = 1

/** The control batch that ends a transaction, byte for byte as Kafka writes it. @param nowMs its time. */
export function endMarkerBatch(marker: EndMarker, nowMs: number): Prepared {
  const { coordinatorEpoch, isCommitted, producerEpoch, producerId } = marker
  const builder = new BatchBuilder({
    producerId,
    producerEpoch,
    isTransactional: true,
    isControl: true,
  })
  const type = isCommitted ? COMMIT : ABORT
  builder.append({
    key: encodeVersioned(controlRecordTypeSchema, 0, { type }),
    value: encodeVersioned(endTxnMarker, 0, { coordinatorEpoch }),
    timestamp: nowMs,
  })
  return {
    bytes: builder.build(),
    logAppendTimeMs: -1,
    maxTimestamp: nowMs,
    offsetOfMaxTimestamp: 0,
    recordCount: 1,
    producerId,
    producerEpoch,
    baseSequence: NO_SEQUENCE,
    isTransactional: true,
  }
}
