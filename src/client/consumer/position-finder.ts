import type { Timer } from '../../kernel/environment.ts'
import { listOffsets } from '../../protocol/api/02-list-offsets.ts'
import { offsetForLeaderEpoch } from '../../protocol/api/23-offset-for-leader-epoch.ts'
import { type ErrorName, errorName } from '../../protocol/errors.ts'
import { waitMs } from '../backoff.ts'
import type { Cluster } from '../cluster.ts'
import { clientError, isRetriable } from '../errors.ts'
import type { Assigned, Assignment } from './assignment.ts'
import {
  committedFound,
  leaderSeen,
  type Position,
  type ResetTo,
  resetFound,
  validated,
} from './position.ts'
import { LATEST_TIMESTAMP, type ResetStrategy, resetTimestamp } from './reset-strategy.ts'
import { byTopic, nameOf, type TopicPartition } from './topic-partition.ts'

/** An offset with the leader epoch of the record before it; -1: unknown. */
export interface FoundOffset {
  readonly offset: number
  readonly leaderEpoch: number
}

/** Asks the group, by `nameOf`; what is not in the answer has no committed offset. */
export type CommittedOffsets = (
  partitions: readonly TopicPartition[],
  signal: AbortSignal,
) => Promise<ReadonlyMap<string, FoundOffset>>

export interface FinderOptions {
  readonly strategy: ResetStrategy
  readonly isCommittedOnly: boolean
  /** Absent without a group: there is nothing committed. */
  readonly committed?: CommittedOffsets
  /** Told what no other attempt can cure. */
  readonly onError: (error: unknown) => void
}

/** A question about some partitions that one broker answers. */
interface Question {
  readonly partitions: readonly Assigned[]
  readonly ask: () => Promise<void>
}

interface Resetting {
  readonly assigned: Assigned
  readonly to: ResetTo
  readonly leaderEpoch: number
}

interface Validating {
  readonly assigned: Assigned
  readonly position: Position
}

/** The replica id of who is no replica. */
const CONSUMER = -1
/** The first OffsetForLeaderEpoch that consumers may ask without rights on the cluster. */
const FIRST_FOR_CONSUMERS = 3

/**
 * Finds positions for partitions that have none, and validates those whose leader has changed: asks
 * the group for committed offsets, and leaders for ends, times (ListOffsets) and epochs
 * (OffsetForLeaderEpoch, KIP-320). A partition is in one question at a time; failures wait longer
 * and longer.
 */
export class PositionFinder {
  readonly #cluster: Cluster
  readonly #assignment: Assignment
  readonly #options: FinderOptions
  readonly #busy = new Set<Assigned>()
  readonly #over = new AbortController()
  readonly #unlisten: () => void
  #failures = 0
  #notBeforeMs = 0
  #timer: Timer | undefined
  #isScheduled = false

  constructor(cluster: Cluster, assignment: Assignment, options: FinderOptions) {
    this.#cluster = cluster
    this.#assignment = assignment
    this.#options = options
    this.#unlisten = cluster.metadata.onChange(() => this.wake())
  }

  /** Something changed that may let questions be asked: looks at it at the end of this turn. */
  wake(): void {
    if (this.#isScheduled || this.#over.signal.aborted) return
    this.#isScheduled = true
    this.#cluster.settings.environment.timers.afterTurn(() => {
      this.#isScheduled = false
      this.#pump()
    })
  }

  /** Ends it: questions under way are abandoned. */
  close(): void {
    this.#unlisten()
    this.#timer?.cancel()
    this.#over.abort(clientError('NETWORK_EXCEPTION', {}, 'this consumer was closed.'))
  }

  #pump(): void {
    if (this.#over.signal.aborted) return
    const { clock, timers } = this.#cluster.settings.environment
    if (clock.monotonic() < this.#notBeforeMs) {
      this.#timer?.cancel()
      this.#timer = timers.at(this.#notBeforeMs, () => this.wake())
      return
    }
    for (const question of this.#questions()) this.#begin(question)
  }

  #begin({ partitions, ask }: Question): void {
    for (const each of partitions) this.#busy.add(each)
    const over = () => {
      for (const each of partitions) this.#busy.delete(each)
      this.wake()
    }
    ask().then(
      () => {
        this.#failures = 0
        over()
      },
      (error: unknown) => {
        if (this.#over.signal.aborted) return
        this.#retryAfter(error)
        over()
      },
    )
  }

  /** What is to be asked now, with every partition that nobody asks about yet. */
  #questions(): readonly Question[] {
    const committed: Assigned[] = []
    const resets = new Map<number, Resetting[]>()
    const validations = new Map<number, Validating[]>()
    for (const assigned of this.#assignment) {
      if (this.#busy.has(assigned)) continue
      if (assigned.state.phase.type === 'committed') committed.push(assigned)
      const info = this.#cluster.metadata.known(assigned.topic)?.partitions[assigned.partition]
      if (info === undefined || info.leaderId < 0) {
        this.#cluster.metadata.markStale()
        continue
      }
      this.#assignment.update(assigned, (state) => leaderSeen(state, info, true))
      const { phase } = assigned.state
      const { leaderId, leaderEpoch } = info
      if (phase.type === 'resetting') {
        append(resets, leaderId, { assigned, to: phase.to, leaderEpoch })
      } else if (phase.type === 'validating') {
        append(validations, leaderId, { assigned, position: phase.position })
      }
    }
    return [
      ...(committed.length === 0 ? [] : [this.#committedQuestion(committed)]),
      ...[...resets].map(([nodeId, all]) => this.#resetQuestion(nodeId, all)),
      ...[...validations].map(([nodeId, all]) => this.#epochQuestion(nodeId, all)),
    ]
  }

  #committedQuestion(partitions: readonly Assigned[]): Question {
    const ask = async () => {
      const { committed, strategy } = this.#options
      const found = await committed?.(partitions, this.#over.signal)
      for (const assigned of partitions) {
        const offset = found?.get(assigned.name)
        this.#assignment.update(assigned, (state) => committedFound(state, offset, strategy))
      }
    }
    return { partitions, ask }
  }

  #resetQuestion(nodeId: number, all: readonly Resetting[]): Question {
    const ask = async () => {
      const nowMs = this.#cluster.settings.environment.clock.now()
      const found = await this.#offsets(nodeId, all, ({ to }) => resetTimestamp(to, nowMs))
      // Nothing is as young as asked: then what comes next is.
      const young = all.filter(({ assigned }) => found.get(assigned.name)?.offset === -1)
      const ends =
        young.length === 0 ? found : await this.#offsets(nodeId, young, () => LATEST_TIMESTAMP)
      for (const { assigned, to } of all) {
        const first = found.get(assigned.name)
        const offset = first?.offset === -1 ? ends.get(assigned.name) : first
        if (offset !== undefined) {
          this.#assignment.update(assigned, (state) => resetFound(state, to, offset))
        }
      }
    }
    return { partitions: all.map(({ assigned }) => assigned), ask }
  }

  /** Offsets by timestamp, by `nameOf`. @throws the first error of any partition. */
  async #offsets(
    nodeId: number,
    all: readonly Resetting[],
    timestampOf: (one: Resetting) => number,
  ): Promise<ReadonlyMap<string, FoundOffset>> {
    const flat = all.map((one) => ({ ...one.assigned, ...one }))
    const topics = [...byTopic(flat)].map(([name, partitions]) => ({
      name,
      partitions: partitions.map((one) => {
        const { partition: partitionIndex, leaderEpoch: currentLeaderEpoch } = one
        return { partitionIndex, currentLeaderEpoch, timestamp: timestampOf(one) }
      }),
    }))
    const connection = await this.#cluster.broker(nodeId)
    const isolationLevel = this.#options.isCommittedOnly ? 1 : 0
    const request = { replicaId: CONSUMER, isolationLevel, topics }
    const response = await connection.ask(listOffsets, request, { signal: this.#over.signal })
    const found = new Map<string, FoundOffset>()
    for (const { name: topic, partitions } of response.topics) {
      for (const { partitionIndex: partition, errorCode, offset, leaderEpoch } of partitions) {
        this.#check(errorName(errorCode), { topic, partition }, listOffsets.name)
        found.set(nameOf({ topic, partition }), { offset, leaderEpoch })
      }
    }
    return found
  }

  #epochQuestion(nodeId: number, all: readonly Validating[]): Question {
    const ask = async () => {
      const connection = await this.#cluster.broker(nodeId)
      const version = connection.versionOf(offsetForLeaderEpoch)
      if (version === undefined || version < FIRST_FOR_CONSUMERS) {
        for (const { assigned, position } of all) this.#take(assigned, position)
        return
      }
      const flat = all.map((one) => ({ ...one.assigned, ...one }))
      const topics = [...byTopic(flat)].map(([topic, partitions]) => ({
        topic,
        partitions: partitions.map(({ partition, position }) => ({
          partition,
          currentLeaderEpoch: position.leader.leaderEpoch,
          leaderEpoch: position.offsetEpoch,
        })),
      }))
      const request = { replicaId: CONSUMER, topics }
      const { signal } = this.#over
      const response = await connection.ask(offsetForLeaderEpoch, request, { signal })
      this.#validate(all, response.topics)
    }
    return { partitions: all.map(({ assigned }) => assigned), ask }
  }

  #validate(all: readonly Validating[], topics: readonly EpochAnswers[]): void {
    const asked = new Map(all.map((one) => [one.assigned.name, one]))
    for (const { topic, partitions } of topics) {
      for (const answer of partitions) {
        const place = { topic, partition: answer.partition }
        const one = asked.get(nameOf(place))
        if (one === undefined) continue
        this.#check(errorName(answer.errorCode), place, offsetForLeaderEpoch.name)
        this.#assignment.update(one.assigned, (state) =>
          validated(state, one.position, answer, this.#options.strategy),
        )
      }
    }
  }

  /** A broker too old to be asked: the position counts as it is. */
  #take(assigned: Assigned, position: Position): void {
    const same = { endOffset: position.offset, leaderEpoch: position.offsetEpoch }
    this.#assignment.update(assigned, (state) =>
      validated(state, position, same, this.#options.strategy),
    )
  }

  #check(error: ErrorName, place: TopicPartition, api: string): void {
    if (error !== 'NONE') throw clientError(error, { ...place, api })
  }

  #retryAfter(error: unknown): void {
    const { retry, environment } = this.#cluster.settings
    this.#failures += 1
    const ms = waitMs(retry, this.#failures, environment.random)
    this.#notBeforeMs = environment.clock.monotonic() + ms
    this.#cluster.metadata.markStale()
    if (!isRetriable(error)) this.#options.onError(error)
  }
}

/** The answer to `OffsetForLeaderEpoch` about one topic. */
interface EpochAnswers {
  readonly topic: string
  readonly partitions: readonly {
    readonly partition: number
    readonly errorCode: number
    readonly endOffset: number
    readonly leaderEpoch: number
  }[]
}

function append<T>(lists: Map<number, T[]>, key: number, one: T): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [one])
  else list.push(one)
}
