/** A client of a consumer group as the model test has it: what it was told, what it holds, what it says. */

import { type ErrorName, KafkaError } from '../../../protocol/errors.ts'
import type { Heartbeat, HeartbeatAnswer, TestCoordinator } from '../coordinator-for-test.ts'
import { JOINS, LEAVES, LEFT_FOR_NOW, partitionKey } from '../group.ts'
import type { NamedPartitions } from '../partitions.ts'

/** What a client subscribes to. */
export interface Wish {
  readonly topics: readonly string[]
  /** Empty: none. */
  readonly regex: string
}

/** A partition that a client once held, and the epoch in which it would have committed to it. */
export interface Claim {
  readonly memberId: string
  readonly epoch: number
  readonly key: string
}

/** A heartbeat as it went out. */
export interface SentHeartbeat {
  readonly memberId: string
  readonly epoch: number
  readonly request: Partial<Heartbeat>
}

/** What a network may still deliver, much too late. */
const MAX_SENT = 20

/** Kafka's clients end for good when they hear one of these. */
const fatal: ReadonlySet<ErrorName> = new Set(['FENCED_INSTANCE_ID', 'UNRELEASED_INSTANCE_ID'])

export class ModelClient {
  readonly memberId: string
  readonly instanceId: string | null
  readonly rebalanceTimeoutMs: number
  wish: Wish
  epoch = JOINS
  /** Partitions that it consumes, by `partitionKey`. */
  owned: ReadonlySet<string> = new Set()
  /** What it was told to have; undefined: nothing that it could trust. */
  told: ReadonlySet<string> | undefined
  /** Heartbeats, but does not let go of anything. */
  isStuck = false
  pausedUntilMs = 0
  isDead = false
  readonly claims: Claim[] = []
  /** Heartbeats that it sent, the last few. */
  readonly sent: SentHeartbeat[] = []
  /** Something got lost: the next heartbeat says everything. */
  #mustTellAll = true
  #hasNewWish = false
  /** What the coordinator knows it to hold. */
  #toldOwned: ReadonlySet<string> | undefined

  constructor(memberId: string, instanceId: string | null, wish: Wish, rebalanceTimeoutMs: number) {
    this.memberId = memberId
    this.instanceId = instanceId
    this.wish = wish
    this.rebalanceTimeoutMs = rebalanceTimeoutMs
  }

  ask(wish: Wish): void {
    this.wish = wish
    this.#hasNewWish = true
  }

  /** The next heartbeat. */
  request(): Partial<Heartbeat> {
    const joins = this.epoch === JOINS
    const tellsAll = joins || this.#mustTellAll
    const tellsWish = tellsAll || this.#hasNewWish
    const tellsOwned = tellsAll || this.owned !== this.#toldOwned
    return {
      instanceId: this.instanceId,
      rebalanceTimeoutMs: tellsAll ? this.rebalanceTimeoutMs : -1,
      subscribedTopicNames: tellsWish ? this.wish.topics : null,
      subscribedTopicRegex: tellsWish ? this.wish.regex : null,
      topicPartitions: tellsOwned ? named(this.owned) : null,
    }
  }

  /**
   * Sends a heartbeat.
   * @param isLost the answer does not arrive.
   * @returns the error that it was refused with.
   */
  beat(coordinator: TestCoordinator, isLost: boolean): ErrorName | undefined {
    const request = this.request()
    const { owned, memberId, epoch } = this
    this.sent.push({ memberId, epoch, request })
    if (this.sent.length > MAX_SENT) this.sent.shift()
    try {
      const answer = coordinator.heartbeat(memberId, epoch, request)
      if (!isLost) this.#hear(answer, owned)
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error
      if (!isLost) this.#refused(error.error)
      if (isLost) this.#lose()
      return error.error
    }
    if (isLost) this.#lose()
    return undefined
  }

  /** Leaves, for good or, as a static member, for a while. It is over with this client in any case. */
  leave(coordinator: TestCoordinator, forNow: boolean): void {
    const epoch = forNow ? LEFT_FOR_NOW : LEAVES
    this.die()
    try {
      coordinator.leave(this.memberId, epoch, this.instanceId)
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error
    }
  }

  /** Stops to consume what it was told to give up. */
  giveUp(): void {
    const { told } = this
    if (told === undefined || this.isStuck) return
    const kept = [...this.owned].filter((key) => told.has(key))
    if (kept.length < this.owned.size) this.#own(new Set(kept))
  }

  /** Consumes what it was told to, and nothing else. */
  take(): void {
    this.giveUp()
    const { told } = this
    if (told === undefined || this.isStuck) return
    if ([...told].some((key) => !this.owned.has(key))) this.#own(told)
  }

  die(): void {
    this.isDead = true
    this.#own(new Set())
  }

  #own(owned: ReadonlySet<string>): void {
    for (const key of this.owned) {
      if (!owned.has(key)) this.claims.push({ memberId: this.memberId, epoch: this.epoch, key })
    }
    this.owned = owned
  }

  /** After a lost answer nobody knows what it said: what is not taken yet is not trusted any more. */
  #lose(): void {
    this.#mustTellAll = true
    this.told = undefined
  }

  #hear({ memberEpoch, assignment }: HeartbeatAnswer, owned: ReadonlySet<string>): void {
    this.#mustTellAll = false
    this.#hasNewWish = false
    this.#toldOwned = owned
    this.epoch = memberEpoch
    if (!assignment) return
    this.told = new Set(
      assignment.topicPartitions.flatMap(({ topicId, partitions }) =>
        partitions.map((partition) => partitionKey(topicId, partition)),
      ),
    )
  }

  #refused(error: ErrorName): void {
    this.isStuck = false
    this.#lose()
    this.#own(new Set())
    this.epoch = JOINS
    if (fatal.has(error)) this.isDead = true
  }
}

/** Partitions as a request names them. */
export function named(keys: Iterable<string>): NamedPartitions {
  const byTopic = new Map<string, number[]>()
  for (const key of keys) {
    const [topicId, partition] = split(key)
    byTopic.set(topicId, [...(byTopic.get(topicId) ?? []), partition])
  }
  return [...byTopic].map(([topicId, partitions]) => ({ topicId, partitions }))
}

/** Takes a `partitionKey` apart. */
export function split(key: string): readonly [topicId: string, partition: number] {
  const [topicId = '', partition] = key.split(':')
  return [topicId, Number(partition)]
}
