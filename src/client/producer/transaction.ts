/** The shape of transactions: what a producer with a `transactional.id` will offer once brokers serve
 *  transactions; until then such a producer is refused. */

import type { ProducerRecord, RecordMetadata } from './record.ts'

/** A position to commit with a transaction: the offset of the next record to read. */
export interface TransactionOffset {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly leaderEpoch?: number
  readonly metadata?: string
}

/** What a consumer tells of its membership, so that offsets of a fenced member are refused (KIP-447). */
export interface GroupMembership {
  readonly groupId: string
  readonly generation: number
  readonly memberId: string
  readonly groupInstanceId: string | null
}

/** Records and offsets that count all or not at all. */
export interface Transaction<K, V> {
  /** As `Producer.send`; its promise says where the record is, not that it counts. */
  send(record: ProducerRecord<K, V>): Promise<RecordMetadata>
  /** Commits what was read together with what was written. */
  sendOffsets(offsets: readonly TransactionOffset[], member: GroupMembership): Promise<void>
  /** @throws AbortableError when it can only be aborted, FatalError when another producer has taken
   *   the transactional id. */
  commit(): Promise<void>
  abort(): Promise<void>
  /** Aborts what was not committed. */
  [Symbol.asyncDispose](): Promise<void>
}

/** What a transactional producer adds. */
export interface Transactional<K, V> {
  /** Begins one; a producer has one at a time. */
  begin(): Promise<Transaction<K, V>>
  /** Begins one, commits it when `run` resolves, aborts it when `run` rejects. */
  transaction<T>(run: (transaction: Transaction<K, V>) => Promise<T>): Promise<T>
}
