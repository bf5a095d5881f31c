/** Consumers of both protocols as a group sees them: they join, take what they are given, give up what
 *  they must, and say so. Each `poll` is one request or one look for its answer. */

import type { Ticket } from '../../coordinator/machine.ts'
import { type ErrorName, errorName, errors, KafkaError } from '../../protocol/errors.ts'
import {
  consumerProtocolAssignment,
  consumerProtocolSubscription,
} from '../../protocol/internal/consumer-protocol.ts'
import { decodeExtensible, encodeVersioned } from '../../protocol/stored.ts'
import { topicId } from '../consumer/coordinator-for-test.ts'
import type { GroupAnswers, GroupEvent } from '../events.ts'
import { callerOf, type TestShard } from '../shard-for-test.ts'

export const GROUP = 'orders'

/** Partitions as `topic:index`. */
type Partitions = ReadonlySet<string>

export interface Client {
  readonly memberId: string
  /** What it consumes from right now. */
  readonly owned: Partitions
  poll(): void
  /** Leaves the group. */
  stop(): void
}

/** An answer that was an error is one with that code. */
interface Failed {
  readonly errorCode: number
}

/** What a classic consumer tells the others of itself. */
export function subscription(
  topics: readonly string[],
  owned: Iterable<string> = [],
  version = 3,
): Uint8Array {
  return encodeVersioned(consumerProtocolSubscription, version, {
    topics,
    userData: null,
    ...(version > 0 && { ownedPartitions: byTopic(owned) }),
  })
}

function byTopic(partitions: Iterable<string>) {
  const topics = new Map<string, number[]>()
  for (const partition of partitions) {
    const [topic = '', index] = partition.split(':')
    topics.set(topic, [...(topics.get(topic) ?? []), Number(index)])
  }
  return [...topics].map(([topic, indexes]) => ({ topic, partitions: indexes.toSorted() }))
}

/** What a leader gives to a member. */
export function assignment(partitions: Iterable<string>): Uint8Array {
  const value = { assignedPartitions: byTopic(partitions), userData: null }
  return encodeVersioned(consumerProtocolAssignment, 3, value)
}

/** The partitions that an assignment gives. */
export function assigned(bytes: Uint8Array): Partitions {
  if (bytes.length === 0) return new Set()
  const { assignedPartitions } = decodeExtensible(consumerProtocolAssignment, bytes)
  return new Set(
    assignedPartitions.flatMap(({ topic, partitions }) =>
      partitions.map((index) => `${topic}:${index}`),
    ),
  )
}

/** How a client takes part. */
export interface Options {
  readonly topics: readonly string[]
  readonly instanceId?: string
  /** Keeps what it has while it joins (KIP-429). */
  readonly isCooperative?: boolean
}

export class ClassicClient implements Client {
  memberId = ''
  generation = -1
  owned: Partitions = new Set()
  readonly #shard: TestShard
  readonly #options: Options
  #phase: 'out' | 'joining' | 'syncing' | 'in' | 'fenced' = 'out'
  #ticket: Ticket = 0
  #failed: Failed | undefined
  readonly #name: string
  #joins = 0

  /** @param name that no other client of the test has; no longer than 8 characters. */
  constructor(shard: TestShard, name: string, options: Options) {
    this.#shard = shard
    this.#name = name
    this.#options = options
  }

  get isIn(): boolean {
    return this.#phase === 'in'
  }

  poll(): void {
    if (this.#phase === 'out') this.#join()
    else if (this.#phase === 'joining') this.#lookForJoin()
    else if (this.#phase === 'syncing') this.#lookForSync()
    else if (this.#phase === 'in') this.#heartbeat()
  }

  stop(): void {
    this.owned = new Set()
    this.#phase = 'out'
    const { memberId } = this
    const groupInstanceId = this.#options.instanceId ?? null
    this.#send({
      type: 'leave-group',
      caller: callerOf(5),
      request: {
        groupId: GROUP,
        memberId: '',
        members: [{ memberId, groupInstanceId, reason: '' }],
      },
    })
    this.memberId = ''
  }

  #join(): void {
    const { topics, isCooperative } = this.#options
    if (!isCooperative) this.owned = new Set()
    const name = isCooperative ? 'cooperative-sticky' : 'range'
    this.#phase = 'joining'
    this.#send({
      type: 'join-group',
      freshId: topicId(`${this.#name}-${this.#joins++}`),
      caller: callerOf(9),
      request: {
        groupId: GROUP,
        ...this.#identity(),
        protocolType: 'consumer',
        protocols: [{ name, metadata: subscription(topics, this.owned) }],
        sessionTimeoutMs: 45_000,
        rebalanceTimeoutMs: 60_000,
        reason: null,
      },
    })
  }

  #lookForJoin(): void {
    const answer = this.#failed ?? this.#shard.answer('join-group', this.#ticket)
    if (answer === undefined || this.#isRefused(answer)) return
    // It is no failure: those carry a code.
    const joined = answer as GroupAnswers['join-group']
    this.memberId = joined.memberId
    this.generation = joined.generationId ?? -1
    this.#phase = 'syncing'
    this.#send({
      type: 'sync-group',
      caller: callerOf(5),
      request: {
        groupId: GROUP,
        ...this.#identity(),
        generationId: this.generation,
        protocolType: 'consumer',
        protocolName: joined.protocolName ?? null,
        assignments: joined.leader === this.memberId ? this.#assignAll(joined) : [],
      },
    })
  }

  /** Round robin, without what another member still holds. */
  #assignAll({ members }: GroupAnswers['join-group']) {
    const said = members.map(({ memberId, metadata }) => {
      const { ownedPartitions } = decodeExtensible(consumerProtocolSubscription, metadata)
      const held = ownedPartitions.flatMap(({ topic, partitions }) =>
        partitions.map((index) => `${topic}:${index}`),
      )
      return { memberId, held: new Set(held), given: new Set<string>() }
    })
    const { image } = this.#shard.world
    let next = 0
    for (const topic of this.#options.topics) {
      for (const { index } of image.topics.get(topic)?.partitions ?? []) {
        const partition = `${topic}:${index}`
        const taker = said[next++ % said.length]!
        if (said.every((one) => one === taker || !one.held.has(partition)))
          taker.given.add(partition)
      }
    }
    return said.map(({ memberId, given }) => ({ memberId, assignment: assignment(given) }))
  }

  #lookForSync(): void {
    const answer = this.#failed ?? this.#shard.answer('sync-group', this.#ticket)
    if (answer === undefined || this.#isRefused(answer)) return
    // It is no failure: those carry a code.
    const { assignment: bytes } = answer as GroupAnswers['sync-group']
    const given = assigned(bytes)
    const givesUp = [...this.owned].some((partition) => !given.has(partition))
    this.owned = given
    // Whoever gave something up joins once more, so that another can have it.
    this.#phase = givesUp ? 'out' : 'in'
  }

  #heartbeat(): void {
    const request = { groupId: GROUP, ...this.#identity(), generationId: this.generation }
    this.#send({ type: 'heartbeat', caller: callerOf(4), request })
    const answer = this.#failed ?? this.#shard.answer('heartbeat', this.#ticket)
    if (answer !== undefined) this.#isRefused(answer)
  }

  #identity() {
    return { memberId: this.memberId, groupInstanceId: this.#options.instanceId ?? null }
  }

  #isRefused(answer: { readonly errorCode?: number; readonly memberId?: string }): boolean {
    const error: ErrorName | undefined = errorName(answer.errorCode ?? 0)
    if (error === 'NONE') return false
    this.#phase = error === 'FENCED_INSTANCE_ID' ? 'fenced' : 'out'
    if (error === 'MEMBER_ID_REQUIRED') this.memberId = answer.memberId ?? ''
    else if (error !== 'REBALANCE_IN_PROGRESS') this.owned = new Set()
    if (error === 'UNKNOWN_MEMBER_ID') this.memberId = ''
    return true
  }

  #send(event: GroupEvent): void {
    this.#failed = undefined
    try {
      this.#ticket = this.#shard.send(event)
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error
      this.#failed = { errorCode: error.code }
    }
  }
}

export class ConsumerClient implements Client {
  readonly memberId: string
  epoch = 0
  owned: Partitions = new Set()
  readonly #shard: TestShard
  readonly #options: Options

  constructor(shard: TestShard, memberId: string, options: Options) {
    this.#shard = shard
    this.memberId = memberId
    this.#options = options
  }

  poll(): void {
    const joins = this.epoch === 0
    try {
      const answer = this.#heartbeat(this.epoch, joins ? 60_000 : -1)
      this.epoch = answer.memberEpoch
      if (answer.assignment == null) return
      this.owned = new Set(
        answer.assignment.topicPartitions.flatMap((topic) =>
          topic.partitions.map((index) => `${this.#nameOf(topic.topicId)}:${index}`),
        ),
      )
    } catch (error) {
      const mayJoinAgain =
        error instanceof KafkaError &&
        (error.error === 'UNKNOWN_MEMBER_ID' || error.error === 'FENCED_MEMBER_EPOCH')
      if (!mayJoinAgain) throw error
      this.epoch = 0
      this.owned = new Set()
    }
  }

  stop(): void {
    this.owned = new Set()
    if (this.epoch !== 0) this.#heartbeat(-1, -1)
    this.epoch = 0
  }

  /** Stops so that the same instance may come back. */
  pause(): void {
    this.owned = new Set()
    this.#heartbeat(-2, -1)
  }

  #heartbeat(
    memberEpoch: number,
    rebalanceTimeoutMs: number,
  ): GroupAnswers['consumer-group-heartbeat'] {
    return this.#shard.submit({
      type: 'consumer-group-heartbeat',
      freshId: '',
      caller: callerOf(1),
      request: {
        groupId: GROUP,
        memberId: this.memberId,
        memberEpoch,
        instanceId: this.#options.instanceId ?? null,
        rackId: null,
        rebalanceTimeoutMs,
        subscribedTopicNames: memberEpoch === 0 ? this.#options.topics : null,
        subscribedTopicRegex: null,
        serverAssignor: null,
        topicPartitions: byTopic(this.owned).map(({ topic, partitions }) => ({
          topicId: this.#shard.world.image.topics.get(topic)!.id,
          partitions,
        })),
      },
    })
  }

  #nameOf(id: string): string {
    return this.#shard.world.image.topicsById.get(id)!.name
  }
}

/** A code by its name. */
export const codeOf = (error: ErrorName): number => errors[error].code
