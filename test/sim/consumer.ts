import { fetch } from '../../src/protocol/api/01-fetch.ts'
import { listOffsets } from '../../src/protocol/api/02-list-offsets.ts'
import { offsetForLeaderEpoch } from '../../src/protocol/api/23-offset-for-leader-epoch.ts'
import { type ErrorName, errorName } from '../../src/protocol/errors.ts'
import type { ResponseOf } from '../../src/protocol/schema.ts'
import { Actor, type Connection } from './actor.ts'
import { type Placed, recordsIn } from './batches.ts'
import type { Floor, PartitionLedger } from './partition-ledger.ts'
import { topicNameOf } from './producer.ts'
import { must, Violation } from './violation.ts'
import type { World } from './world.ts'

const MOST_PARTITIONS = 8
const LONGEST_WAIT_MS = 300
const LONGEST_THINKING_MS = 60
const BY_ID = 13
const EARLIEST = -2

/** Errors that pass by themselves. */
const PASSING: ReadonlySet<ErrorName> = new Set<ErrorName>([
  'NOT_LEADER_OR_FOLLOWER',
  'KAFKA_STORAGE_ERROR',
  'REQUEST_TIMED_OUT',
])
const GONE: ReadonlySet<ErrorName> = new Set<ErrorName>([
  'UNKNOWN_TOPIC_ID',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'INCONSISTENT_TOPIC_ID',
])
const SESSION_LOST: ReadonlySet<ErrorName> = new Set<ErrorName>([
  'FETCH_SESSION_ID_NOT_FOUND',
  'INVALID_FETCH_SESSION_EPOCH',
  'FETCH_SESSION_TOPIC_ID_ERROR',
])

type PartitionAnswer = ResponseOf<typeof fetch>['responses'][number]['partitions'][number]

/** How far a consumer is in one partition. */
interface Position {
  readonly partition: PartitionLedger
  next: number
  /** Leader epoch of the last record it was given; -1 before the first. */
  lastEpoch: number
  /** The power cuts there had been when it began there without an epoch. */
  powerCuts: number
  /** What it was given, by offset, less what it was told to take back. */
  readonly seen: Map<number, string>
  /** As the session last heard of it; undefined: it has to be told. */
  told: number | undefined
}

/**
 * Reads from the high watermark down, with a fetch session (KIP-227), and asks at each new connection
 * whether the log has lost what it was given (KIP-320).
 */
export class Consumer extends Actor {
  readonly #version: number
  #positions: Position[] = []
  #forgotten: Position[] = []
  #session = { id: 0, epoch: 0 }

  constructor(world: World, name: string) {
    super(world, name)
    this.#version = this.oneOf([7, 11, 12, 13, 15, 17, 18])!
  }

  /** Whether it has read everything that is visible. */
  get isDone(): boolean {
    return this.#positions.every(({ partition, next }) => {
      return next >= partition.endOffset || !this.world.ledger.isAlive(partition)
    })
  }

  get state(): string {
    const behind = this.#positions.map(({ partition, next }) => `${partition.name}@${next}`)
    return `${this.name}: ${behind.join(' ')}`
  }

  /** What it was given and not told to take back, by partition. */
  get seen(): readonly {
    readonly partition: PartitionLedger
    readonly seen: Map<number, string>
  }[] {
    return this.#positions
  }

  protected async work(connection: Connection): Promise<void> {
    if (this.random.below(3) > 0) this.#session = { id: 0, epoch: 0 }
    for (const position of this.#positions) await this.#validate(connection, position)
    while (!this.world.isOver) {
      this.#choose()
      if (this.#positions.length > 0) await this.#fetch(connection)
      await this.sleep(this.random.below(LONGEST_THINKING_MS))
    }
  }

  /** Leaves partitions that are gone, takes on new ones. */
  #choose(): void {
    const { ledger } = this.world
    const gone = this.#positions.filter(({ partition }) => !ledger.isAlive(partition))
    for (const position of gone) this.#leave(position)
    if (this.#positions.length >= MOST_PARTITIONS || this.random.below(4) > 0) return
    const taken = new Set(this.#positions.map(({ partition }) => partition))
    const free = ledger.partitions.filter((partition) => {
      return (
        !taken.has(partition) && (this.#version >= BY_ID || partition.name.startsWith('lasting'))
      )
    })
    const partition = this.oneOf(free)
    if (partition === undefined) return
    const { powerCuts } = this.world.machine
    const begin = { next: 0, lastEpoch: -1, powerCuts, told: undefined }
    this.#positions.push({ partition, ...begin, seen: new Map() })
  }

  #leave(position: Position): void {
    this.#positions = this.#positions.filter((other) => other !== position)
    if (position.told !== undefined) this.#forgotten.push(position)
  }

  async #fetch(connection: Connection): Promise<void> {
    const isNew = this.#session.epoch === 0
    const moved = this.#positions.filter(({ next, told }) => isNew || told !== next)
    const forgotten = isNew ? [] : this.#forgotten
    const floors = new Map(this.#positions.map((one) => [one, one.partition.floor()]))
    const wanted = new Map(this.#positions.map((one) => [one, one.next]))
    const answer = await connection.ask(fetch, this.#version, {
      maxWaitMs: this.random.below(LONGEST_WAIT_MS),
      minBytes: this.oneOf([1, 1, 500, 5_000])!,
      maxBytes: this.oneOf([200, 5_000, 1_000_000])!,
      sessionId: this.#session.id,
      sessionEpoch: this.#session.epoch,
      topics: moved.map((position) => ({
        ...this.#named(position.partition),
        partitions: [
          {
            partition: position.partition.index,
            fetchOffset: position.next,
            partitionMaxBytes: this.oneOf([100, 3_000, 1_000_000])!,
          },
        ],
      })),
      forgottenTopicsData: forgotten.map(({ partition }) => ({
        ...this.#named(partition),
        partitions: [partition.index],
      })),
    })
    if (connection.powerCuts !== this.world.machine.powerCuts) return
    if (!this.#continueSession(answer.errorCode, answer.sessionId)) return
    for (const position of moved) position.told = wanted.get(position)
    if (!isNew) this.#forgotten = []
    for (const topic of answer.responses) {
      for (const found of topic.partitions) {
        const position = this.#positions.find(({ partition }) => {
          const isTopic =
            partition.topicId === topic.topicId || topicNameOf(partition) === topic.topic
          return isTopic && partition.index === found.partitionIndex
        })
        if (position === undefined) continue
        await this.#take(connection, position, found, floors.get(position)!)
      }
    }
  }

  #named(partition: PartitionLedger) {
    return this.#version >= BY_ID
      ? { topicId: partition.topicId }
      : { topic: topicNameOf(partition) }
  }

  /** @returns whether the answer has anything to say. */
  #continueSession(errorCode: number, sessionId: number): boolean {
    const error = errorName(errorCode)
    const epoch = sessionId === 0 ? 0 : this.#session.epoch + 1
    this.#session = { id: sessionId, epoch: error === 'NONE' ? epoch : 0 }
    if (error === 'NONE') return true
    must(
      SESSION_LOST.has(error) || PASSING.has(error),
      () => `${this.name}: fetch failed: ${error}`,
    )
    this.#session = { id: 0, epoch: 0 }
    this.#forgotten = []
    return false
  }

  async #take(
    connection: Connection,
    position: Position,
    found: PartitionAnswer,
    asked: Floor,
  ): Promise<void> {
    const { partition } = position
    const error = errorName(found.errorCode)
    if (error === 'NONE') {
      partition.bounds(found.highWatermark, found.logStartOffset, asked)
      this.#read(position, recordsIn(found.records ?? new Uint8Array()), found.highWatermark)
      return
    }
    this.note(`${partition.name} at ${position.next}: ${error}`)
    position.told = undefined
    if (PASSING.has(error)) return
    if (GONE.has(error)) {
      must(!this.world.ledger.isAlive(partition), () => `${this.name}: ${partition.name}: ${error}`)
      return
    }
    must(error === 'OFFSET_OUT_OF_RANGE', () => `${this.name}: ${partition.name}: ${error}`)
    await this.#reset(connection, position)
  }

  #read(position: Position, records: readonly Placed[], highWatermark: number): void {
    const { partition } = position
    partition.read(records)
    for (const { offset, value, epoch } of records) {
      if (offset < position.next) continue
      must(
        offset === position.next,
        () => `${this.name}: ${partition.name} went from ${position.next} to ${offset}`,
      )
      must(
        offset < highWatermark,
        () => `${this.name}: ${partition.name} gave ${offset}, high watermark ${highWatermark}`,
      )
      position.seen.set(offset, value)
      position.next = offset + 1
      position.lastEpoch = epoch
    }
  }

  /** The position lies outside of the log: its start has moved past it. */
  async #reset(connection: Connection, position: Position): Promise<void> {
    const { partition } = position
    const asked = partition.floor()
    const answer = await connection.ask(listOffsets, 7, {
      replicaId: -1,
      topics: [
        {
          name: topicNameOf(partition),
          partitions: [{ partitionIndex: partition.index, timestamp: EARLIEST }],
        },
      ],
    })
    if (connection.powerCuts !== this.world.machine.powerCuts) return
    const found = answer.topics[0]?.partitions[0]
    if (found?.errorCode !== 0) return
    partition.bounds(Math.max(asked.endOffset, found.offset), found.offset, asked)
    // Without an epoch nothing tells that the log was cut below where it began.
    const isCut = position.lastEpoch < 0 && position.powerCuts < connection.powerCuts
    must(
      isCut || found.offset > position.next,
      () =>
        `${this.name}: ${partition.name}: ${position.next} is out of range, but the log starts at ${found.offset}`,
    )
    position.next = found.offset
    position.lastEpoch = -1
    position.powerCuts = connection.powerCuts
    // What was deleted is promised to nobody, also where a power cut takes the log back before it.
    for (const offset of [...position.seen.keys()])
      if (offset < found.offset) position.seen.delete(offset)
  }

  /** Takes back what the log does not have any more. */
  async #validate(connection: Connection, position: Position): Promise<void> {
    const { partition, lastEpoch } = position
    position.told = undefined
    if (lastEpoch < 0 || !this.world.ledger.isAlive(partition)) return
    for (;;) {
      const answer = await connection.ask(offsetForLeaderEpoch, 4, {
        replicaId: -1,
        topics: [
          {
            topic: topicNameOf(partition),
            partitions: [{ partition: partition.index, leaderEpoch: lastEpoch }],
          },
        ],
      })
      const found = answer.topics[0]?.partitions[0]
      if (found === undefined) throw new Violation(`${this.name}: no answer for ${partition.name}`)
      const error = errorName(found.errorCode)
      if (error === 'NONE') return this.#takeBack(position, found.leaderEpoch, found.endOffset)
      must(PASSING.has(error) || GONE.has(error), () => `${this.name}: ${partition.name}: ${error}`)
      if (GONE.has(error)) return
      await this.sleep(LONGEST_WAIT_MS)
    }
  }

  #takeBack(position: Position, leaderEpoch: number, endOffset: number): void {
    const validEnd = leaderEpoch < 0 ? 0 : endOffset
    if (validEnd >= position.next) return
    this.note(`${position.partition.name}: takes back ${validEnd} to ${position.next}`)
    for (const offset of [...position.seen.keys()]) {
      if (offset >= validEnd) position.seen.delete(offset)
    }
    position.next = validEnd
    position.lastEpoch = -1
    position.powerCuts = this.world.machine.powerCuts
  }
}
