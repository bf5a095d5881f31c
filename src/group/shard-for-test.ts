/** One shard and what a coordinator does around it: effects are carried out at once, records go
 *  through their bytes, time stands still until it is moved. */

import type { BrokerConfig } from '../config/broker.ts'
import {
  NO_TICKET,
  type ProducerOfRecord,
  type StoredRecord,
  type Ticket,
} from '../coordinator/machine.ts'
import type { ClusterImage } from '../metadata/image.ts'
import { KafkaError } from '../protocol/errors.ts'
import { consumerProtocolSubscription } from '../protocol/internal/consumer-protocol.ts'
import { ZERO_UUID } from '../protocol/primitives.ts'
import { encodeVersioned } from '../protocol/stored.ts'
import { worldAt } from './classic/coordinator-for-test.ts'
import { clusterOf, type TopicSpec } from './consumer/cluster-fixtures-for-test.ts'
import type { Caller, GroupAnswers, GroupEvent, OffsetCommitEvent } from './events.ts'
import { type FetchedTopic, fetchOffsets, type OffsetQuestion } from './offsets/fetch.ts'
import type { GroupRecord } from './records.ts'
import { GroupShard } from './shard.ts'
import type { GroupEffect, GroupWorld } from './world.ts'

/** What the partition holds: records and the ends of transactions. */
type Logged =
  | {
      readonly type: 'record'
      readonly stored: StoredRecord
      readonly producer: ProducerOfRecord | undefined
    }
  | { readonly type: 'end'; readonly producer: ProducerOfRecord; readonly isCommitted: boolean }

interface Timer {
  readonly key: string
  readonly dueMs: number
  readonly event: GroupEvent
}

type CommitRequest = OffsetCommitEvent['request']

/** A member, as it says who it is. */
export interface TestMember {
  readonly memberId: string
  readonly generation: number
}

export const NOBODY: TestMember = { memberId: '', generation: -1 }

export function callerOf(apiVersion: number): Caller {
  return { apiVersion, clientId: 'client', clientHost: '/127.0.0.1' }
}

export class TestShard {
  readonly shard = new GroupShard()
  readonly log: Logged[] = []
  settings: Partial<BrokerConfig>
  readonly #timers = new Map<string, Timer>()
  readonly #answers = new Map<Ticket, object>()
  readonly #topics = new Map<string, TopicSpec>()
  #image: ClusterImage = clusterOf([])
  #tickets = 0
  nowMs = 1_767_225_600_000

  /** Timers of a shard that was just loaded are set. */
  constructor(settings: Partial<BrokerConfig> = {}) {
    this.settings = { 'group.initial.rebalance.delay.ms': 0, ...settings }
    this.load()
  }

  get world(): GroupWorld {
    return { ...worldAt(this.nowMs, this.settings), image: this.#image }
  }

  /** Makes a topic, makes it anew in another life, or with 0 partitions takes it away; and tells. */
  changeTopic(name: string, partitions: number, life = 0): void {
    this.changeTopicSilently(name, partitions, life)
    this.happened({ type: 'topics-changed', topics: new Set([name]) })
  }

  /** The same while the shard is not loaded. */
  changeTopicSilently(name: string, partitions: number, life = 0): void {
    const replicas = Array.from({ length: partitions }, () => [0])
    if (partitions === 0) this.#topics.delete(name)
    else this.#topics.set(name, { name, id: topicId(name, life), replicas })
    this.#image = clusterOf([...this.#topics.values()], [null], this.#image.revision + 1)
  }

  /** What a shard does that was just loaded. */
  load(): void {
    this.#carryOut(this.shard.loaded(this.world))
    this.advance(0)
  }

  /** @throws KafkaError as the shard does, with nothing changed. */
  submit<T extends keyof GroupAnswers>(event: GroupEvent & { readonly type: T }): GroupAnswers[T] {
    const answer = this.answer(event.type, this.send(event))
    if (answer === undefined) throw new Error(`${event.type} is not answered`)
    return answer
  }

  /** As `submit`, for what need not be answered at once. */
  send(event: GroupEvent): Ticket {
    this.#tickets += 1
    const ticket = this.#tickets
    this.#carryOut(this.shard.decide(event, ticket, this.world))
    this.advance(0)
    return ticket
  }

  /** What the caller of that event was answered; undefined while it waits. */
  answer<T extends keyof GroupAnswers>(_type: T, ticket: Ticket): GroupAnswers[T] | undefined {
    return this.#answers.get(ticket) as GroupAnswers[T] | undefined // each event is answered by its type
  }

  happened(event: GroupEvent): void {
    this.#carryOut(this.shard.decide(event, NO_TICKET, this.world))
    this.advance(0)
  }

  /** Commits one offset for each partition of a topic that is told. @returns error codes. */
  commit(
    groupId: string,
    topic: string,
    offsets: Readonly<Record<number, number>>,
    { memberId, generation }: TestMember = NOBODY,
    { version = 10, ...more }: Partial<CommitRequest> & { readonly version?: number } = {},
  ): readonly number[] {
    const partitions = Object.entries(offsets).map(([partition, committedOffset]) => ({
      partitionIndex: Number(partition),
      committedOffset,
      committedLeaderEpoch: -1,
      committedMetadata: null,
    }))
    const named = this.#image.topics.get(topic)?.id ?? ZERO_UUID
    const { topics } = this.submit({
      type: 'offset-commit',
      caller: callerOf(version),
      request: {
        groupId,
        memberId,
        generationIdOrMemberEpoch: generation,
        groupInstanceId: null,
        retentionTimeMs: -1,
        topics: [{ name: topic, topicId: named, partitions }],
        ...more,
      },
    })
    return topics.flatMap((one) => one.partitions.map(({ errorCode }) => errorCode))
  }

  /** Writes an offset in a transaction, as the transaction's coordinator lets it. */
  commitIn(
    producerId: number,
    groupId: string,
    topic: string,
    offset: number,
    partition = 0,
  ): void {
    const value = {
      offset,
      leaderEpoch: -1,
      metadata: '',
      commitTimestamp: this.nowMs,
      expireTimestamp: -1,
      topicId: this.#image.topics.get(topic)?.id ?? ZERO_UUID,
    }
    const record: GroupRecord = { type: 'offset', key: { group: groupId, topic, partition }, value }
    this.#append(record, { producerId, producerEpoch: 0 })
  }

  endTransaction(producerId: number, isCommitted: boolean): void {
    const producer = { producerId, producerEpoch: 0 }
    this.log.push({ type: 'end', producer, isCommitted })
    this.shard.endTransaction(producer, isCommitted)
  }

  fetch(groupId: string, question: Partial<OffsetQuestion> = {}): readonly FetchedTopic[] {
    const whole = { memberId: null, memberEpoch: -1, topics: null, requireStable: false }
    return fetchOffsets(this.shard, { groupId, ...whole, ...question })
  }

  /** The committed offsets of a group, by `topic-partition`. */
  offsetsOf(groupId: string): Readonly<Record<string, number>> {
    return offsetsIn(this.shard, groupId)
  }

  /** One member of the classic protocol joins, alone, and gets an assignment. */
  joinClassic(
    groupId: string,
    topics: readonly string[] = [],
    protocolType = 'consumer',
  ): TestMember {
    const subscription = encodeVersioned(consumerProtocolSubscription, 0, {
      topics,
      userData: null,
    })
    const joined = this.submit({
      type: 'join-group',
      freshId: freshId(this.#tickets),
      caller: callerOf(3),
      request: {
        groupId,
        memberId: '',
        groupInstanceId: null,
        protocolType,
        protocols: [{ name: 'range', metadata: subscription }],
        sessionTimeoutMs: 10_000,
        rebalanceTimeoutMs: 60_000,
        reason: null,
      },
    })
    const { memberId, generationId = -1 } = joined
    this.syncClassic(groupId, { memberId, generation: generationId })
    return { memberId, generation: generationId }
  }

  syncClassic(groupId: string, { memberId, generation }: TestMember): void {
    this.submit({
      type: 'sync-group',
      caller: callerOf(3),
      request: {
        groupId,
        memberId,
        generationId: generation,
        groupInstanceId: null,
        protocolType: null,
        protocolName: null,
        assignments: [{ memberId, assignment: new Uint8Array(0) }],
      },
    })
  }

  /** One member of the consumer protocol joins, or tells that it is there. */
  joinConsumer(groupId: string, topics: readonly string[], memberId = 'm'): TestMember {
    const answer = this.#heartbeat(groupId, memberId, 0, topics)
    return { memberId, generation: answer.memberEpoch }
  }

  leaveConsumer(groupId: string, { memberId }: TestMember): void {
    this.#heartbeat(groupId, memberId, -1, null)
  }

  leaveClassic(groupId: string, { memberId }: TestMember): void {
    this.submit({
      type: 'leave-group',
      caller: callerOf(3),
      request: {
        groupId,
        memberId: '',
        members: [{ memberId, groupInstanceId: null, reason: null }],
      },
    })
  }

  /** Lets time pass, with the timers that are due in it. */
  advance(ms: number): void {
    const endMs = this.nowMs + ms
    for (;;) {
      const [next] = [...this.#timers.values()].sort((a, b) => a.dueMs - b.dueMs)
      if (next === undefined || next.dueMs > endMs) break
      this.#timers.delete(next.key)
      this.nowMs = Math.max(this.nowMs, next.dueMs)
      this.#carryOut(this.shard.decide(next.event, NO_TICKET, this.world))
    }
    this.nowMs = endMs
  }

  /** Another shard that was loaded from what this one wrote. */
  reloaded(): GroupShard {
    const shard = new GroupShard()
    for (const [offset, logged] of this.log.entries()) {
      if (logged.type === 'end') {
        shard.endTransaction(logged.producer, logged.isCommitted)
        continue
      }
      const record = shard.decode(logged.stored)
      if (record !== undefined) shard.apply(record, offset, logged.producer)
    }
    return shard
  }

  #heartbeat(
    groupId: string,
    memberId: string,
    memberEpoch: number,
    subscribedTopicNames: readonly string[] | null,
  ): GroupAnswers['consumer-group-heartbeat'] {
    return this.submit({
      type: 'consumer-group-heartbeat',
      freshId: freshId(this.#tickets),
      caller: callerOf(1),
      request: {
        groupId,
        memberId,
        memberEpoch,
        instanceId: null,
        rackId: null,
        rebalanceTimeoutMs: 60_000,
        subscribedTopicNames,
        subscribedTopicRegex: null,
        serverAssignor: null,
        topicPartitions: [],
      },
    })
  }

  #carryOut(effects: readonly GroupEffect[]): void {
    for (const effect of effects) {
      switch (effect.type) {
        case 'append':
          this.#append(effect.record, effect.producer)
          break
        case 'note':
          this.shard.note(effect.note)
          break
        case 'reply':
          this.#answers.set(effect.to, effect.answer)
          break
        case 'refuse':
          throw effect.error
        case 'timer':
          if (effect.unlessRunning && this.#timers.has(effect.key)) break
          this.#timers.set(effect.key, effect)
          break
        case 'cancel-timer':
          this.#timers.delete(effect.key)
      }
    }
  }

  #append(record: GroupRecord, producer: ProducerOfRecord | undefined): void {
    const offset =
      this.log.push({ type: 'record', stored: this.shard.encode(record), producer }) - 1
    this.shard.apply(record, offset, producer)
  }
}

/** The committed offsets of a group, by `topic-partition`. */
export function offsetsIn(shard: GroupShard, groupId: string): Readonly<Record<string, number>> {
  const named = [...shard.offsets.topicsOf(groupId)].flatMap(([topic, offsets]) => {
    return offsets.map(({ partition, offset }) => [`${topic}-${partition}`, offset] as const)
  })
  return Object.fromEntries(named.sort())
}

/** The error that something is refused with; undefined when it is not. */
export function refusalOf(action: () => unknown): string | undefined {
  try {
    action()
    return undefined
  } catch (error) {
    if (error instanceof KafkaError) return error.error
    throw error
  }
}

/** The id of a topic in one of its lives. */
export function topicId(name: string, life = 0): string {
  const id = Buffer.alloc(16)
  id.write(name, 0, 12, 'latin1')
  id.writeUInt32BE(life + 1, 12)
  return id.toString('base64url')
}

function freshId(seed: number): string {
  return topicId(`id-${seed}`)
}
