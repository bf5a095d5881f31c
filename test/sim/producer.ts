import { produce } from '../../src/protocol/api/00-produce.ts'
import { initProducerId } from '../../src/protocol/api/22-init-producer-id.ts'
import { type ErrorName, errorName } from '../../src/protocol/errors.ts'
import { Actor, type Connection } from './actor.ts'
import type { PartitionLedger } from './partition-ledger.ts'
import { type Sent, Stream } from './stream.ts'
import { must, Violation } from './violation.ts'
import type { World } from './world.ts'

export interface ProducerKind {
  readonly acks: 0 | 1 | -1
  /** Idempotent ones keep several batches in flight and send again what was not acknowledged. */
  readonly isIdempotent: boolean
}

const MOST_STREAMS = 4
/** Once in so many times a full producer leaves a partition for another. */
const LEAVE_EVERY = 40
const MOST_RECORDS = 8
const MOST_VALUE_BYTES = 300
/** Once in so many batches one is large. */
const LARGE_EVERY = 60
const LARGE_VALUE_BYTES = 3_000
const LONGEST_THINKING_MS = 60
/** Once in so many times a producer does not think for a while. */
const BURST_EVERY = 12
const LONGEST_BURST = 12
const LONGEST_BACKOFF_MS = 400
/** The version that names topics by id: what is sent to a deleted topic cannot land in another. */
const BY_ID = 13

/** Errors after which the same batch is sent again. */
const RETRIABLE: ReadonlySet<ErrorName> = new Set<ErrorName>([
  'NOT_LEADER_OR_FOLLOWER',
  'LEADER_NOT_AVAILABLE',
  'KAFKA_STORAGE_ERROR',
  'REQUEST_TIMED_OUT',
  'UNKNOWN_TOPIC_ID',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
])

/** Writes numbered values to a few partitions at a time and accounts for every one of them. */
export class Producer extends Actor {
  readonly #kind: ProducerKind
  readonly #version: number
  #streams: Stream[] = []
  #streamCount = 0
  /** Batches left that follow at once. */
  #burst = 0

  constructor(world: World, name: string, kind: ProducerKind) {
    super(world, name)
    this.#kind = kind
    this.#version = this.random.below(2) === 0 ? BY_ID : 9 + this.random.below(BY_ID - 9)
  }

  /** Whether everything sent has been answered. */
  get isDone(): boolean {
    return this.#open.length === 0
  }

  get state(): string {
    return `${this.name}: ${this.#open.map(({ partition }) => partition.name).join(' ')}`
  }

  get #open(): readonly Stream[] {
    const { ledger } = this.world
    return this.#streams.filter(({ partition, unacked }) => {
      return unacked.length > 0 && ledger.isAlive(partition)
    })
  }

  protected async work(connection: Connection): Promise<void> {
    for (const stream of this.#streams) await this.#settle(connection, stream)
    const flying = new Set<Promise<void>>()
    let lost: unknown
    while (!this.world.isOver && lost === undefined) {
      this.#streams = this.#streams.filter(({ partition }) => this.world.ledger.isAlive(partition))
      if (!this.world.isEnding) {
        await this.#refresh(connection)
        const flight = this.#sendSome(connection).catch((error) => {
          lost = error
        })
        flying.add(flight)
        void flight.finally(() => flying.delete(flight))
      }
      await this.#think()
    }
    await Promise.all(flying)
    if (lost !== undefined) throw lost
  }

  #think(): Promise<void> {
    if (this.#burst === 0 && this.random.below(BURST_EVERY) === 0) {
      this.#burst = this.random.below(LONGEST_BURST)
    }
    if (this.#burst === 0) return this.sleep(this.random.below(LONGEST_THINKING_MS))
    this.#burst -= 1
    return this.sleep(0)
  }

  /** Takes on new partitions and, at times, leaves one. */
  async #refresh(connection: Connection): Promise<void> {
    const isFull = this.#streams.length >= MOST_STREAMS
    if (isFull && this.random.below(LEAVE_EVERY) === 0) {
      const { unacked } = this.#streams[0]!
      if (unacked.length === 0) this.#streams.shift()
    }
    if (isFull) return
    const taken = new Set(this.#streams.map(({ partition }) => partition))
    const free = this.world.ledger.partitions.filter((partition) => {
      return !taken.has(partition) && this.#mayWriteTo(partition)
    })
    const passing = free.filter(({ name }) => name.startsWith('passing'))
    const isForPassing = passing.length > 0 && this.random.below(2) === 0
    const partition = this.oneOf(isForPassing ? passing : free)
    if (partition === undefined) return
    const producerId = this.#kind.isIdempotent ? await this.#newProducerId(connection) : undefined
    const name = `${this.name}/${this.#streamCount++}`
    this.#streams.push(new Stream(name, partition, producerId))
  }

  /** By name only to topics whose name never stands for another one. */
  #mayWriteTo({ name }: PartitionLedger): boolean {
    return this.#version >= BY_ID || name.startsWith('lasting')
  }

  async #newProducerId(connection: Connection): Promise<number> {
    for (;;) {
      const answer = await connection.ask(initProducerId, 4, {
        transactionalId: null,
        transactionTimeoutMs: 60_000,
        producerId: -1,
        producerEpoch: -1,
      })
      const error = errorName(answer.errorCode)
      if (error === 'NONE') return answer.producerId
      must(RETRIABLE.has(error), () => `${this.name}: no producer id, ${error}`)
      await this.sleep(this.random.below(LONGEST_BACKOFF_MS))
    }
  }

  /** Sends one batch each to some of the streams, in one request. */
  async #sendSome(connection: Connection): Promise<void> {
    const ready = this.#streams.filter(({ hasRoom }) => hasRoom)
    const chosen = ready.filter(() => this.random.below(2) === 0)
    if (chosen.length === 0) return
    const batches = chosen.map((stream) => this.#make(stream))
    if (this.#kind.acks === 0) return this.#tell(connection, batches)
    const outcomes = await this.#send(connection, batches)
    for (const [index, outcome] of outcomes.entries()) {
      const { stream } = batches[index]!
      const isHead = stream.unacked[0] === batches[index]
      if (outcome !== 'NONE' && isHead) await this.#settle(connection, stream)
    }
  }

  #make(stream: Stream): Sent {
    const isLarge = this.random.below(LARGE_EVERY) === 0
    const sizeBytes = this.random.below(isLarge ? LARGE_VALUE_BYTES : MOST_VALUE_BYTES)
    const timestampMs = this.environment.clock.now()
    return stream.make(1 + this.random.below(MOST_RECORDS), sizeBytes, timestampMs)
  }

  /** Sends what is not acknowledged again, in order, until it is. */
  async #settle(connection: Connection, stream: Stream): Promise<void> {
    if (stream.isSettling) return
    stream.isSettling = true
    try {
      await this.#sendAgain(connection, stream)
    } finally {
      stream.isSettling = false
    }
  }

  async #sendAgain(connection: Connection, stream: Stream): Promise<void> {
    for (;;) {
      const { ledger } = this.world
      const isNeeded = stream.unacked.length > 0 && ledger.isAlive(stream.partition)
      if (!isNeeded || this.world.isOver) return
      const batches = [...stream.unacked]
      const outcomes = await Promise.all(batches.map((sent) => this.#send(connection, [sent])))
      const first = outcomes[0]?.[0]
      const isGap = first === 'OUT_OF_ORDER_SEQUENCE_NUMBER' && stream.unacked[0] === batches[0]
      if (isGap) this.#leap(stream)
      else if (first !== 'NONE') await this.sleep(this.random.below(LONGEST_BACKOFF_MS))
    }
  }

  /** The broker has lost what this stream had written before. */
  #leap(stream: Stream): void {
    const { partition } = stream
    must(
      stream.mayHaveGap,
      () => `${stream.name}: ${partition.name} is out of sequence, but nothing was lost`,
    )
    this.note(`${stream.name} goes on in a new epoch on ${partition.name}`)
    stream.bumpEpoch()
  }

  /** One request. @returns what became of each batch. */
  async #send(connection: Connection, batches: readonly Sent[]): Promise<readonly ErrorName[]> {
    const answer = await connection.ask(produce, this.#version, this.#request(batches))
    return batches.map((sent) => {
      const { partition } = sent.stream
      const topic = answer.responses.find(({ name, topicId }) => {
        return topicId === partition.topicId || name === topicNameOf(partition)
      })
      const found = topic?.partitionResponses.find(({ index }) => index === partition.index)
      if (found === undefined) throw new Violation(`${this.name}: no answer for ${partition.name}`)
      const error = errorName(found.errorCode)
      if (error === 'NONE') this.#acknowledged(connection, sent, found.baseOffset)
      else this.#refused(sent, error, found.errorMessage)
      return error
    })
  }

  #acknowledged(connection: Connection, sent: Sent, baseOffset: number): void {
    const { stream } = sent
    const { partition } = stream
    const isLate = connection.powerCuts !== this.world.machine.powerCuts
    const { lastOffset } = stream
    if (!stream.acknowledged(sent, baseOffset, isLate)) return
    this.note(
      `${stream.name} ${sent.first}+${sent.values.length} in ${partition.name} at ${baseOffset}`,
    )
    if (!isLate || !partition.mayLose) {
      const isOrdered = baseOffset > lastOffset || partition.mayLose
      must(isOrdered, () => `${stream.name}: ${baseOffset} acknowledged after ${lastOffset}`)
    }
    partition.acknowledge(baseOffset, sent.values, isLate, this.world.nowMs)
  }

  #refused({ stream, first }: Sent, error: ErrorName, message: string | null): void {
    this.note(`${stream.name} ${first} in ${stream.partition.name}: ${error}`)
    const isFine =
      RETRIABLE.has(error) && (error !== 'OUT_OF_ORDER_SEQUENCE_NUMBER' || this.#kind.isIdempotent)
    const isGone = error === 'UNKNOWN_TOPIC_ID' || error === 'UNKNOWN_TOPIC_OR_PARTITION'
    const isLegal = isFine && !(isGone && this.world.ledger.isAlive(stream.partition))
    must(isLegal, () => `${stream.name}: ${stream.partition.name} refused: ${error} ${message}`)
  }

  /** Nobody answers; whatever arrives is what was sent. */
  async #tell(connection: Connection, batches: readonly Sent[]): Promise<void> {
    for (const sent of batches) sent.stream.acknowledged(sent, -1, false)
    await connection.tell(produce, this.#version, this.#request(batches))
  }

  #request(batches: readonly Sent[]) {
    const topics = Map.groupBy(batches, ({ stream }) => {
      return this.#version >= BY_ID ? stream.partition.topicId : topicNameOf(stream.partition)
    })
    return {
      transactionalId: null,
      acks: this.#kind.acks,
      timeoutMs: 5_000,
      topicData: Array.from(topics, ([topic, sent]) => ({
        ...(this.#version >= BY_ID ? { topicId: topic } : { name: topic }),
        partitionData: sent.map(({ stream, bytes }) => ({
          index: stream.partition.index,
          records: bytes,
        })),
      })),
    }
  }
}

/** The name of a partition's topic. */
export function topicNameOf({ name, index }: PartitionLedger): string {
  return name.slice(0, name.length - `-${index}`.length)
}
