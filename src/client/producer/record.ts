import type { TopicInfo } from '../cluster-image.ts'

/** Headers of a record: pairs in order, or an object. Values that are texts are sent as UTF-8. */
export type Headers =
  | Readonly<Record<string, Uint8Array | string | null>>
  | readonly (readonly [key: string, value: Uint8Array | string | null])[]

/** One record to send. */
export interface ProducerRecord<K, V> {
  readonly topic: string
  /** Decides the partition, unless `partition` does. */
  readonly key?: K | null
  /** null or absent: a tombstone. */
  readonly value?: V | null
  readonly headers?: Headers | undefined
  /** Chosen by the partitioner when absent. */
  readonly partition?: number | undefined
  /** Ms since 1970; now when absent. */
  readonly timestamp?: number | undefined
}

/** Where an acknowledged record is. */
export interface RecordMetadata {
  readonly topic: string
  readonly partition: number
  /** -1: the broker did not say, because acks is 0 or because it had the record already. */
  readonly offset: number
  /** Of the record, or of the broker where the topic takes its time. */
  readonly timestamp: number
}

/** Told of a record once: acknowledged, or failed. */
export type DeliveryCallback = (error: Error | null, metadata: RecordMetadata | null) => void

/**
 * Chooses the partition of a record.
 * @param key as serialized.
 * @returns a number from 0; undefined leaves the choice to the usual rule for records without a key.
 */
export type Partitioner = (
  topic: TopicInfo,
  key: Uint8Array | null,
  record: ProducerRecord<unknown, unknown>,
) => number | undefined

/** Sees every record of a producer on its way, in the order of the list. */
export interface ProducerInterceptor<K, V> {
  /** Before serialization; what it returns is sent instead. What it throws fails the send. */
  onSend?(record: ProducerRecord<K, V>): ProducerRecord<K, V>
  /** After the outcome is known, before the sender is told. What it throws is ignored. */
  onAcknowledgement?(error: Error | null, metadata: RecordMetadata | null): void
}
