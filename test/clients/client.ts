/** What the shared tests need of a Kafka client. Each client under test has an adapter for it in
 *  `drivers/`; the adapters translate, they neither retry nor repair. */

export const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const
export type Codec = (typeof codecs)[number]

/** A record as every client can say it: no header name twice, no leaning on a text encoding. */
export interface TestRecord {
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly (readonly [name: string, value: Buffer | null])[]
  /** Ms since 1970. Absent: the client's clock. */
  readonly timestampMs?: number
  /** Where it shall go. A client that cannot choose answers where it went instead. */
  readonly partition: number
}

/** A record as it was read. `timestampMs` is absent where the client does not tell it. */
export interface StoredRecord extends TestRecord {
  readonly offset: number
}

/** Where an acknowledged record lies. */
export interface Place {
  readonly partition: number
  readonly offset: number
}

export interface ProduceOptions {
  readonly codec?: Codec
  /** Absent: -1. */
  readonly acks?: -1 | 0 | 1
  readonly idempotent?: boolean
}

/** What a client can express. A test asks only for what its client has. */
export interface Traits {
  readonly name: string
  readonly codecs: readonly Codec[]
  readonly headers: boolean
  readonly headerOrder: boolean
  readonly binaryHeaders: boolean
  readonly nullHeaders: boolean
  /** Sends and tells timestamps. */
  readonly timestamps: boolean
  readonly choosesPartition: boolean
  /** Has the calls of `ClientAdmin`, those that delete records apart. */
  readonly admin: boolean
  readonly deletesRecords: boolean
  readonly idempotence: boolean
  /** Goes on looking for its broker, and complaining in print, after it was closed. */
  readonly lingers: boolean
  /** Keeps null apart from empty, in keys and in values. */
  readonly nulls: boolean
}

/** The administrative calls of a client. */
export interface ClientAdmin {
  createTopic(
    topic: string,
    partitions: number,
    config: Readonly<Record<string, string>>,
  ): Promise<void>
  deleteTopic(topic: string): Promise<void>
  /** Undefined when there is no such topic. */
  partitionCount(topic: string): Promise<number | undefined>
  createPartitions(topic: string, count: number): Promise<void>
  /** The effective value of one key of a topic. */
  topicConfig(topic: string, key: string): Promise<string | null>
  alterTopicConfig(topic: string, key: string, value: string): Promise<void>
  /** Removes what lies before `offset`. */
  deleteRecords(topic: string, partition: number, offset: number): Promise<void>
}

/** One client under test. */
export interface Client {
  /**
   * Sends all records in one call.
   * @returns where each lies, in the order given; nothing with `acks` 0.
   */
  produce(
    topic: string,
    records: readonly TestRecord[],
    options?: ProduceOptions,
  ): Promise<readonly Place[]>
  /** Reads `count` records of one partition from `offset` on, without a group. */
  read(topic: string, partition: number, offset: number, count: number): Promise<StoredRecord[]>
  /**
   * The offset of the first record not older than a time in ms, or an end of the log.
   * @returns the end of the log when every record is older. Absent where the client cannot ask.
   */
  readonly offsetAt?: (
    topic: string,
    partition: number,
    at: number | 'earliest' | 'latest',
  ) => Promise<number>
  readonly admin?: ClientAdmin
  close(): Promise<void>
}

/** Opens a client of its own connections. */
export type OpenClient = (bootstrap: string) => Promise<Client>
