/** Producers: records in, acknowledgements out. This file is what an application sees; batches are
 *  filled in `producer-batch.ts` and taken to the brokers by `sender.ts`. */

import { producerConfig } from '../../config/producer.ts'
import { BATCH_OVERHEAD_BYTES } from '../../records/batch.ts'
import { type ClientEnvironment, clientSettings } from '../client-settings.ts'
import { Cluster } from '../cluster.ts'
import type { PartitionInfo, TopicInfo } from '../cluster-image.ts'
import { type ClientError, clientError, closedError } from '../errors.ts'
import { type KafkaOptions, readOptions } from '../options.ts'
import {
  type Serde,
  type SerdeName,
  type Serializer,
  serdeNamed,
  textOrBytesSerializer,
} from '../serdes.ts'
import type { Topic } from '../topic.ts'
import { within } from '../waiting.ts'
import { BufferMemory } from './buffer-memory.ts'
import { type Delayed, Intake, MAX_DELAYED } from './intake.ts'
import { partitionOfKey } from './murmur2.ts'
import {
  ProducerBatch,
  type Reject,
  type Resolve,
  type SerializedRecord,
  sizeLimitOf,
} from './producer-batch.ts'
import { type ProducerSettings, producerSettings } from './producer-settings.ts'
import type {
  DeliveryCallback,
  Partitioner,
  ProducerInterceptor,
  ProducerRecord,
  RecordMetadata,
} from './record.ts'
import { Sender } from './sender.ts'
import { type RecordSerializers, serialize } from './serialize.ts'
import { StickyPartitioner } from './sticky-partitioner.ts'

/** Options of a producer that are no keys of Kafka. */
export interface ProducerExtras<K, V> {
  readonly keySerializer?: Serializer<K> | SerdeName
  readonly valueSerializer?: Serializer<V> | SerdeName
  /** Chooses partitions instead of the hash of the key. */
  readonly partitioner?: Partitioner
  readonly interceptors?: readonly ProducerInterceptor<K, V>[]
  /** Told of options that are none; `process.emitWarning` when absent. */
  readonly onWarning?: (sentence: string) => void
  /** The world: the machine's when absent. A simulation gives its own. */
  readonly environment?: ClientEnvironment
}

type ProducerKeys = Omit<
  KafkaOptions<typeof producerConfig.keys>,
  'keySerializer' | 'valueSerializer'
>

/** All options of a producer: Kafka's keys in either spelling, and what is not text. */
export type ProducerOptions<K = string | Uint8Array, V = string | Uint8Array> = ProducerKeys &
  ProducerExtras<K, V>

const OWN_OPTIONS: ReadonlySet<string> = new Set([
  'keySerializer',
  'valueSerializer',
  'partitioner',
  'interceptors',
  'onWarning',
  'environment',
] satisfies (keyof ProducerExtras<never, never>)[])

/**
 * Sends records to the partitions of topics.
 *
 * ```ts
 * await using producer = new Producer({ bootstrapServers: 'localhost:9092' })
 * await producer.send({ topic: 'greetings', key: 'en', value: 'hello' })
 * ```
 *
 * It connects when the first record comes. Records of one partition keep their order, and with
 * idempotence, which is the default, each is there once, whatever happens in between.
 */
export class Producer<K = string | Uint8Array, V = string | Uint8Array> {
  readonly #cluster: Cluster
  readonly #settings: ProducerSettings
  readonly #memory: BufferMemory
  readonly #sender: Sender
  readonly #serializers: RecordSerializers
  readonly #partitioner: Partitioner | undefined
  readonly #interceptors: readonly ProducerInterceptor<K, V>[]
  readonly #intakes = new Map<string, Intake>()
  #closing: Promise<void> | undefined

  /** @throws ConfigError naming the key, the value and what is allowed. */
  constructor(options: ProducerOptions<K, V>) {
    const warn = options.onWarning ?? ((sentence) => process.emitWarning(sentence))
    const parsed = readOptions(producerConfig, options, OWN_OPTIONS, warn)
    this.#settings = producerSettings(parsed)
    this.#cluster = new Cluster(clientSettings(parsed.values, options.environment))
    const { bufferBytes, batchBytes } = this.#settings
    this.#memory = new BufferMemory(bufferBytes, BATCH_OVERHEAD_BYTES + batchBytes)
    this.#sender = new Sender(this.#cluster, this.#settings, this.#memory)
    const { 'key.serializer': keyClass, 'value.serializer': valueClass } = parsed.values
    this.#serializers = {
      key: serializerOf(options.keySerializer ?? keyClass),
      value: serializerOf(options.valueSerializer ?? valueClass),
    }
    this.#partitioner = options.partitioner
    this.#interceptors = options.interceptors ?? []
  }

  /**
   * Sends one record. What is resolved is where it is, once as many replicas have it as `acks` says.
   * @throws RetriableError when it was not acknowledged in `delivery.timeout.ms` or found no room in
   *   `max.block.ms`; ClientError when the broker refuses it; FatalError when this producer is of no
   *   more use. The record may be in the log after a RetriableError, never after a ClientError.
   */
  send(record: ProducerRecord<K, V>): Promise<RecordMetadata> {
    return new Promise((resolve, reject) => {
      this.#accept(record, this.#serializers, resolve, reject)
    })
  }

  /**
   * Sends one record without a promise: the fastest way.
   * @param onDelivered called once with the outcome; absent: nobody is told.
   * @returns whether there is room for more; if not, wait for `drained` before the next.
   */
  post(record: ProducerRecord<K, V>, onDelivered?: DeliveryCallback): boolean {
    try {
      this.#accept(record, this.#serializers, onDelivered, undefined)
    } catch (error) {
      if (!(error instanceof Error) || onDelivered === undefined) throw error
      onDelivered(error, null)
    }
    return this.hasRoom
  }

  /** Whether a record put in now would not have to wait for memory. */
  get hasRoom(): boolean {
    const { totalBytes, heldBytes, isExhausted } = this.#memory
    return !isExhausted && heldBytes + this.#settings.batchBytes < totalBytes
  }

  /** Resolves when there is room again. */
  async drained(): Promise<void> {
    while (!this.hasRoom && this.#closing === undefined) await this.#memory.given()
  }

  /** A view of this producer for one typed topic. */
  to<TK, TV>(topic: Topic<TK, TV>): TopicProducer<TK, TV> {
    const serializers = { key: topic.key, value: topic.value }
    return {
      send: (record) =>
        new Promise((resolve, reject) => {
          // Interceptors see records of typed topics too; their types are those of the producer.
          const untyped = { ...record, topic: topic.name } as ProducerRecord<never, never>
          this.#accept(untyped, serializers, resolve, reject)
        }),
    }
  }

  /** The partitions of a topic, with their leaders. @throws as `send`, within `max.block.ms`. */
  async partitionsFor(topic: string, signal?: AbortSignal): Promise<readonly PartitionInfo[]> {
    const deadlineMs = this.#cluster.deadline(this.#settings.maxBlockMs)
    return (await this.#cluster.metadata.topic(topic, deadlineMs, signal)).partitions
  }

  /** Sends all records without lingering. Resolves when each one so far is acknowledged or failed. */
  async flush(): Promise<void> {
    // What still waits to get into a batch lingers there for a moment at most.
    await Promise.all([...this.#intakes.values()].map(({ working }) => working))
    await this.#sender.flush()
  }

  /**
   * Sends what is there, waits for the outcome, and ends. Records that come later are refused.
   * @param timeoutMs after it everything that is not acknowledged fails; without limit when absent,
   *   though no record takes longer than `delivery.timeout.ms`.
   */
  close({ timeoutMs }: { readonly timeoutMs?: number } = {}): Promise<void> {
    this.#closing ??= this.#close(timeoutMs)
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(timeoutMs: number | undefined): Promise<void> {
    const closed = closedError('producer')
    const flushed = this.flush()
    if (timeoutMs === undefined) await flushed
    else {
      const { environment } = this.#cluster.settings
      const deadlineMs = this.#cluster.deadline(timeoutMs)
      await within(environment, flushed, deadlineMs, () => closed).catch(() => {})
    }
    this.#sender.stop(closed)
    for (const intake of this.#intakes.values()) {
      for (const delayed of intake.delayed.splice(0)) tell(delayed.resolve, delayed.reject, closed)
    }
    this.#cluster.close()
  }

  #accept(
    given: ProducerRecord<K, V>,
    serializers: RecordSerializers,
    onResolve: Resolve | DeliveryCallback | undefined,
    onReject: Reject | undefined,
  ): void {
    const problem = this.#closing === undefined ? this.#sender.error : CLOSED
    if (problem !== undefined) throw problem
    let record = given
    let resolve = onResolve
    let reject = onReject
    if (this.#interceptors.length > 0) {
      for (const { onSend } of this.#interceptors) if (onSend) record = onSend(record)
      ;[resolve, reject] = this.#intercepted(onResolve, onReject)
    }
    const { clock } = this.#cluster.settings.environment
    const serialized = serialize(record, serializers, clock.now())
    // A rejection is met when it is the record's turn.
    if (serialized instanceof Promise) serialized.catch(() => {})
    const intake = this.#intake(record.topic)
    const isNext = intake.delayed.length === 0 && !(serialized instanceof Promise)
    const info = isNext ? this.#cluster.metadata.known(record.topic) : undefined
    if (isNext && info && this.#append(intake, info, record, serialized, resolve, reject)) return
    if (intake.delayed.length >= MAX_DELAYED) {
      throw clientError('THROTTLING_QUOTA_EXCEEDED', { topic: record.topic }, TOO_MANY)
    }
    const deadlineMs = this.#cluster.deadline(this.#settings.maxBlockMs)
    intake.delayed.push({ record, serialized, deadlineMs, resolve, reject })
    intake.working ??= this.#work(intake)
  }

  /** Puts records that had to wait into batches, one after the other. */
  async #work(intake: Intake): Promise<void> {
    for (let delayed = intake.delayed[0]; delayed !== undefined; delayed = intake.delayed[0]) {
      try {
        await this.#admit(intake, delayed)
      } catch (error) {
        if (intake.delayed[0] === delayed) tell(delayed.resolve, delayed.reject, error)
      }
      // Closing the producer takes them out as well.
      if (intake.delayed[0] === delayed) intake.delayed.shift()
    }
    intake.working = undefined
  }

  async #admit(intake: Intake, delayed: Delayed): Promise<void> {
    const { record, deadlineMs, resolve, reject } = delayed
    const serialized = await delayed.serialized
    const { environment } = this.#cluster.settings
    for (;;) {
      const { metadata } = this.#cluster
      const info = metadata.known(intake.topic) ?? (await metadata.topic(intake.topic, deadlineMs))
      if (intake.delayed[0] !== delayed) return
      const { partition } = record
      if (partition !== undefined && partition >= info.partitions.length) {
        await metadata.refresh(deadlineMs, undefined, intake.topic)
        const more = metadata.known(intake.topic)
        if (more === undefined || partition >= more.partitions.length) throw noPartition(record)
        continue
      }
      if (this.#append(intake, info, record, serialized, resolve, reject)) return
      const given = this.#memory.given()
      this.#sender.wake()
      await within(environment, given, deadlineMs, () => this.#noRoom(intake.topic))
    }
  }

  /** @returns false when there is no memory, or the partition is not known. */
  #append(
    intake: Intake,
    info: TopicInfo,
    record: ProducerRecord<unknown, unknown>,
    serialized: SerializedRecord,
    resolve: Resolve | DeliveryCallback | undefined,
    reject: Reject | undefined,
  ): boolean {
    const sizeBytes = sizeLimitOf(serialized)
    this.#checkSize(intake.topic, sizeBytes)
    const partition = this.#partitionOf(intake, info, record, serialized, sizeBytes)
    if (partition >= info.partitions.length) return false
    const queue = intake.queue(partition)
    let batch = queue.open
    if (!batch?.hasRoomFor(sizeBytes)) {
      if (batch !== undefined) this.#sender.close(queue)
      const memory = this.#memory.take(BATCH_OVERHEAD_BYTES + sizeBytes)
      if (memory === undefined) return false
      const nowMs = this.#cluster.settings.environment.clock.monotonic()
      batch = new ProducerBatch(queue.nextOrder, memory, nowMs)
      queue.open = batch
      this.#sender.opened(queue)
    }
    batch.append(serialized, resolve, reject)
    if (batch.sizeBytes >= this.#settings.batchBytes) this.#sender.close(queue)
    return true
  }

  #partitionOf(
    intake: Intake,
    info: TopicInfo,
    record: ProducerRecord<unknown, unknown>,
    { key }: SerializedRecord,
    sizeBytes: number,
  ): number {
    if (record.partition !== undefined) return checkedPartition(record, record.partition)
    const chosen = this.#partitioner?.(info, key, record)
    if (chosen !== undefined) return checkedPartition(record, chosen)
    if (key !== null && !this.#settings.ignoresKeys) {
      return partitionOfKey(key, info.partitions.length)
    }
    return intake.sticky.partitionFor(sizeBytes, () =>
      intake.loads(info, (leaderId) => this.#sender.isAvailable(leaderId)),
    )
  }

  #checkSize(topic: string, sizeBytes: number): void {
    const { maxRequestBytes, bufferBytes } = this.#settings
    const bytes = BATCH_OVERHEAD_BYTES + sizeBytes
    if (bytes <= maxRequestBytes && bytes <= bufferBytes) return
    const key = bytes > maxRequestBytes ? 'max.request.size' : 'buffer.memory'
    const most = bytes > maxRequestBytes ? maxRequestBytes : bufferBytes
    const detail = `the record takes up to ${bytes} bytes, ${key} allows ${most}.`
    throw clientError('MESSAGE_TOO_LARGE', { topic }, detail)
  }

  #intake(topic: string): Intake {
    let intake = this.#intakes.get(topic)
    if (intake === undefined) {
      const { random } = this.#cluster.settings.environment
      const { batchBytes, isAdaptive } = this.#settings
      intake = new Intake(topic, new StickyPartitioner(random, batchBytes, isAdaptive))
      this.#intakes.set(topic, intake)
    }
    return intake
  }

  #noRoom(topic: string): ClientError {
    const { bufferBytes, maxBlockMs } = this.#settings
    const detail = `no room in buffer.memory (${bufferBytes} bytes) for ${maxBlockMs} ms (max.block.ms).`
    return clientError('REQUEST_TIMED_OUT', { topic }, detail)
  }

  /** Who is told, with the interceptors before. */
  #intercepted(
    resolve: Resolve | DeliveryCallback | undefined,
    reject: Reject | undefined,
  ): [DeliveryCallback, undefined] {
    const told: DeliveryCallback = (error, metadata) => {
      for (const { onAcknowledgement } of this.#interceptors) {
        try {
          onAcknowledgement?.(error, metadata)
        } catch {} // an interceptor's fault is not the record's
      }
      if (error !== null) tell(resolve, reject, error)
      // With the other side of a promise it is one, else a callback.
      else if (reject !== undefined) (resolve as Resolve)(metadata!)
      else (resolve as DeliveryCallback | undefined)?.(null, metadata)
    }
    return [told, undefined]
  }
}

/** A producer for one typed topic. */
export interface TopicProducer<K, V> {
  /** As `Producer.send`. */
  send(record: Omit<ProducerRecord<K, V>, 'topic'>): Promise<RecordMetadata>
}

const CLOSED = closedError('producer')
const TOO_MANY = `${MAX_DELAYED} records wait already: wait for send, or for drained after post.`

function serializerOf(given: Serializer<never> | Serde<never> | string | null): Serializer<never> {
  if (given === null) return textOrBytesSerializer
  return typeof given === 'string' ? serdeNamed(given) : given
}

function checkedPartition(record: ProducerRecord<unknown, unknown>, partition: number): number {
  if (Number.isSafeInteger(partition) && partition >= 0) return partition
  throw new TypeError(`${record.topic}: ${partition} is no partition`)
}

function noPartition({ topic, partition }: ProducerRecord<unknown, unknown>): ClientError {
  const place = { topic, ...(partition !== undefined && { partition }) }
  return clientError('UNKNOWN_TOPIC_OR_PARTITION', place, 'the topic has no such partition.')
}

/** Tells whoever waits that a record failed. */
function tell(
  resolve: Resolve | DeliveryCallback | undefined,
  reject: Reject | undefined,
  error: unknown,
): void {
  const problem = error instanceof Error ? error : new Error(String(error), { cause: error })
  if (reject !== undefined) reject(error)
  else (resolve as DeliveryCallback | undefined)?.(problem, null)
}
