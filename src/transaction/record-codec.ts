import type { StoredRecord } from '../coordinator/machine.ts'
import { KafkaError } from '../protocol/errors.ts'
import { transactionLogKey, transactionLogValue } from '../protocol/internal/transaction-state.ts'
import type { Value } from '../protocol/schema.ts'
import {
  decodeKey,
  decodeVersioned,
  encodeKey,
  encodeVersioned,
  leadingNumber,
} from '../protocol/stored.ts'
import { NO_PARTITIONS, partitionsOf, topicsOf } from './partitions.ts'
import type { TransactionRecord } from './records.ts'
import {
  NONE,
  type TransactionContent,
  type TransactionState,
  type TransactionVersion,
} from './transaction.ts'

type StoredValue = Value<typeof transactionLogValue>

/** Kafka's numbers. 6 (dead) and 7 (prepare epoch fence) are never written. */
const numbers: Readonly<Record<TransactionState, number>> = {
  empty: 0,
  ongoing: 1,
  'prepare-commit': 2,
  'prepare-abort': 3,
  'complete-commit': 4,
  'complete-abort': 5,
}

const states: ReadonlyMap<number, TransactionState> = new Map(
  // The keys of a complete record are all its states.
  (Object.entries(numbers) as [TransactionState, number][]).map(([state, number]) => [
    number,
    state,
  ]),
)

/** What version 0 leaves out, as it reads. */
const unknownToVersion0 = {
  previousProducerId: NONE,
  nextProducerId: NONE,
  clientTransactionVersion: 0,
} as const

/** A record as it lies in `__transaction_state`, as Kafka 4.3 writes it. */
export function encodeTransactionRecord(record: TransactionRecord): StoredRecord {
  const { transactionalId, content, valueVersion } = record
  return {
    key: encodeKey(transactionLogKey, { transactionalId }),
    value:
      content === null
        ? null
        : encodeVersioned(transactionLogValue, valueVersion, {
            ...storedValue(content),
            ...(valueVersion === 0 && unknownToVersion0),
          }),
  }
}

/**
 * A record of any version that is known.
 * @returns undefined for keys and values of newer versions, which are left where they are.
 * @throws KafkaError for bytes that are none.
 */
export function decodeTransactionRecord({
  key,
  value,
}: StoredRecord): TransactionRecord | undefined {
  if (leadingNumber(key) !== transactionLogKey.key) return undefined
  const { transactionalId } = decodeKey(transactionLogKey, key)
  if (value === null) return { transactionalId, content: null, valueVersion: 1 }
  const version = leadingNumber(value)
  if (version !== 0 && version !== 1) return undefined
  const content = contentOf(decodeVersioned(transactionLogValue, value))
  return { transactionalId, content, valueVersion: version }
}

function storedValue(content: TransactionContent): StoredValue {
  return {
    producerId: content.producerId,
    previousProducerId: content.previousProducerId,
    nextProducerId: content.nextProducerId,
    producerEpoch: content.producerEpoch,
    transactionTimeoutMs: content.timeoutMs,
    transactionStatus: numbers[content.state],
    transactionPartitions: content.state === 'empty' ? null : mutableTopics(content),
    transactionLastUpdateTimestampMs: content.lastUpdateMs,
    transactionStartTimestampMs: content.startMs,
    clientTransactionVersion: content.clientVersion,
    // Kafka's own records leave it out.
    nextProducerEpoch: NONE,
  }
}

function mutableTopics({ partitions }: TransactionContent) {
  return topicsOf(partitions).map(({ topic, partitionIds }) => ({
    topic,
    partitionIds: [...partitionIds],
  }))
}

function contentOf(value: StoredValue): TransactionContent {
  const state = states.get(value.transactionStatus)
  if (state === undefined) {
    throw new KafkaError('INVALID_RECORD', `transaction status ${value.transactionStatus}`)
  }
  const isEmpty = state === 'empty' || value.transactionPartitions === null
  return {
    state,
    producerId: value.producerId,
    previousProducerId: value.previousProducerId,
    nextProducerId: value.nextProducerId,
    producerEpoch: value.producerEpoch,
    timeoutMs: value.transactionTimeoutMs,
    partitions: isEmpty ? NO_PARTITIONS : partitionsOf(value.transactionPartitions ?? []),
    startMs: value.transactionStartTimestampMs,
    lastUpdateMs: value.transactionLastUpdateTimestampMs,
    clientVersion: versionOf(value.clientTransactionVersion),
  }
}

function versionOf(level: number): TransactionVersion {
  if (level === 0 || level === 1 || level === 2) return level
  throw new KafkaError('INVALID_RECORD', `transaction.version ${level}`)
}
