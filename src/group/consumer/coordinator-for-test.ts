/** One consumer group and what a coordinator does around it, without a log: effects are carried out at
 *  once, time stands still until it is moved, topics are there when a test says so. */

import { type BrokerConfig, brokerConfig } from '../../config/broker.ts'
import { type GroupConfig, groupConfig } from '../../config/group.ts'
import { NO_TICKET, type Ticket } from '../../coordinator/machine.ts'
import { type ClusterImage, EMPTY_IMAGE, type TopicImage } from '../../metadata/image.ts'
import { type ErrorName, KafkaError } from '../../protocol/errors.ts'
import type { ConsumerHeartbeatEvent, ConsumerTimeEvent, GroupAnswers } from '../events.ts'
import type { ConsumerGroupRecord } from '../records.ts'
import type { GroupEffect, GroupWorld } from '../world.ts'
import { applyConsumer } from './apply.ts'
import { decideConsumer } from './decide.ts'
import type { Assignment, ConsumerGroup, ConsumerMember, HeldPartitions } from './group.ts'
import { consumerLoaded } from './loaded.ts'

export const GROUP = 'orders'

export type Heartbeat = ConsumerHeartbeatEvent['request']
export type HeartbeatAnswer = GroupAnswers['consumer-group-heartbeat']

/** Settings that differ from Kafka's defaults. */
export interface Settings {
  readonly broker?: Partial<BrokerConfig>
  readonly group?: Partial<GroupConfig>
}

const { values: brokerDefaults } = brokerConfig.parse({})
const { values: groupDefaults } = groupConfig.parse({})

/** The settings in force, made once for all moments of a test. */
function inForce({ broker, group }: Settings): Pick<GroupWorld, 'broker' | 'groupConfig'> {
  const ofGroup = { ...groupDefaults, ...group }
  return { broker: { ...brokerDefaults, ...broker }, groupConfig: () => ofGroup }
}

/** The id of a topic, by its name and how often it was made before. */
export function topicId(name: string, life = 0): string {
  const id = Buffer.alloc(16)
  id.write(name, 0, 12, 'latin1')
  id.writeUInt32BE(life + 1, 12)
  return id.toString('base64url')
}

/** An image with one more topic, or another one in its place; without partitions the topic goes. */
export function withTopic(
  image: ClusterImage,
  name: string,
  partitionCount: number,
  id: string = topicId(name),
): ClusterImage {
  const revision = image.revision + 1
  const before = image.topics.get(name)
  const topic: TopicImage | undefined =
    partitionCount === 0
      ? undefined
      : {
          name,
          id,
          internal: false,
          createRevision: before?.id === id ? before.createRevision : revision,
          modRevision: revision,
          partitions: Array.from({ length: partitionCount }, (_, index) => partition(index)),
        }
  const ids = new Map<string, TopicImage | undefined>()
  if (before !== undefined) ids.set(before.id, undefined)
  if (topic !== undefined) ids.set(id, topic)
  return {
    ...image,
    revision,
    topics: image.topics.with(new Map([[name, topic]])),
    topicsById: image.topicsById.with(ids),
  }
}

function partition(index: number): TopicImage['partitions'][number] {
  return {
    index,
    leader: 1,
    leaderEpoch: 0,
    partitionEpoch: 0,
    replicas: [1],
    isr: [1],
    elr: [],
    lastKnownElr: [],
    addingReplicas: [],
    removingReplicas: [],
    revision: 1,
  }
}

/** Topics by name with their partition counts. */
export function imageOf(topics: Readonly<Record<string, number>>): ClusterImage {
  return Object.entries(topics).reduce(
    (image, [name, count]) => withTopic(image, name, count),
    EMPTY_IMAGE,
  )
}

/** A member's own description, as it joins with. */
export interface Joining {
  readonly topics?: readonly string[] | null
  readonly regex?: string | null
  readonly instanceId?: string | null
  readonly rackId?: string | null
  readonly assignor?: string | null
  readonly rebalanceTimeoutMs?: number
  readonly version?: number
  readonly clientId?: string
}

/** How a group decides; a planted bug is put around it. */
export type Decide = typeof decideConsumer

interface Timer {
  readonly dueMs: number
  readonly event: ConsumerTimeEvent
}

export class TestCoordinator {
  group: ConsumerGroup | undefined
  image: ClusterImage
  nowMs = 1_000_000
  /** Everything appended, in order. */
  readonly records: ConsumerGroupRecord[] = []
  readonly timers = new Map<string, Timer>()
  /** In the order in which they were given. */
  readonly answers = new Map<Ticket, object>()
  readonly #decide: Decide
  #settings: Pick<GroupWorld, 'broker' | 'groupConfig'>
  #tickets = 0

  constructor(
    topics: Readonly<Record<string, number>> = {},
    settings: Settings = {},
    decide: Decide = decideConsumer,
  ) {
    this.image = imageOf(topics)
    this.#settings = inForce(settings)
    this.#decide = decide
  }

  get world(): GroupWorld {
    return { nowMs: this.nowMs, monotonicMs: this.nowMs, image: this.image, ...this.#settings }
  }

  set settings(settings: Settings) {
    this.#settings = inForce(settings)
  }

  member(memberId: string): ConsumerMember | undefined {
    return this.group?.members.get(memberId)
  }

  /** @returns what is answered. @throws KafkaError as the group does. */
  heartbeat(
    memberId: string,
    memberEpoch: number,
    more: Partial<Heartbeat> = {},
    { version = 1, clientId = 'client' }: Pick<Joining, 'version' | 'clientId'> = {},
  ): HeartbeatAnswer {
    this.#tickets += 1
    const ticket = this.#tickets
    const event: ConsumerHeartbeatEvent = {
      type: 'consumer-group-heartbeat',
      freshId: `fresh-${ticket}`,
      caller: { apiVersion: version, clientId, clientHost: '/127.0.0.1' },
      request: {
        groupId: GROUP,
        memberId,
        memberEpoch,
        instanceId: null,
        rackId: null,
        rebalanceTimeoutMs: -1,
        subscribedTopicNames: null,
        subscribedTopicRegex: null,
        serverAssignor: null,
        topicPartitions: null,
        ...more,
      },
    }
    this.carryOut(this.#decide(this.group, event, ticket, this.world))
    const answer = this.answers.get(ticket)
    if (answer === undefined) throw new Error(`heartbeat ${ticket} is not answered`)
    // The answers of a consumer group are those of heartbeats.
    return answer as HeartbeatAnswer
  }

  join(memberId: string, joining: Joining = {}): HeartbeatAnswer {
    return this.heartbeat(
      memberId,
      0,
      {
        instanceId: joining.instanceId ?? null,
        rackId: joining.rackId ?? null,
        rebalanceTimeoutMs: joining.rebalanceTimeoutMs ?? 60_000,
        subscribedTopicNames: joining.topics === undefined ? ['books'] : joining.topics,
        subscribedTopicRegex: joining.regex ?? null,
        serverAssignor: joining.assignor ?? null,
        topicPartitions: [],
      },
      joining,
    )
  }

  leave(memberId: string, memberEpoch = -1, instanceId: string | null = null): HeartbeatAnswer {
    return this.heartbeat(memberId, memberEpoch, { instanceId })
  }

  /** Lets time pass, with the timers that are due in it. */
  advance(ms: number): void {
    const endMs = this.nowMs + ms
    for (;;) {
      const next = [...this.timers].sort(([, a], [, b]) => a.dueMs - b.dueMs)[0]
      if (next === undefined || next[1].dueMs > endMs) break
      const [key, { dueMs, event }] = next
      this.timers.delete(key)
      this.nowMs = Math.max(this.nowMs, dueMs)
      this.carryOut(this.#decide(this.group, event, NO_TICKET, this.world))
    }
    this.nowMs = endMs
  }

  /** Makes, changes or, with 0 partitions, deletes a topic, and tells the group as a shard does. */
  setTopic(name: string, partitionCount: number, id: string = topicId(name)): void {
    this.image = withTopic(this.image, name, partitionCount, id)
    if (this.group?.topicSubscribers.has(name))
      this.group = { ...this.group, isMetadataStale: true }
  }

  /** The coordinator dies, and another reads the records. */
  reload(records: Iterable<ConsumerGroupRecord> = this.records): void {
    this.timers.clear()
    this.group = replayed(records)
    if (this.group !== undefined) this.carryOut(consumerLoaded(this.group, this.world))
  }

  carryOut(effects: readonly GroupEffect[]): void {
    for (const effect of effects) {
      switch (effect.type) {
        case 'append': {
          // A consumer group writes no other records.
          const record = effect.record as ConsumerGroupRecord
          this.records.push(record)
          this.group = applyConsumer(this.group, record)
          break
        }
        case 'note':
          if (effect.note.group.type === 'consumer') this.group = effect.note.group
          break
        case 'reply':
          if (this.answers.has(effect.to)) throw new Error(`${effect.to} is answered twice`)
          this.answers.set(effect.to, effect.answer)
          break
        case 'refuse':
          throw effect.error
        case 'timer':
          // Timers of a consumer group carry its own events only.
          this.timers.set(effect.key, {
            dueMs: effect.dueMs,
            event: effect.event as ConsumerTimeEvent,
          })
          break
        case 'cancel-timer':
          this.timers.delete(effect.key)
      }
    }
  }
}

/** The group that records make. */
export function replayed(records: Iterable<ConsumerGroupRecord>): ConsumerGroup | undefined {
  let group: ConsumerGroup | undefined
  for (const record of records) group = applyConsumer(group, record)
  return group
}

/** The name of the error that something is refused with; undefined when it is not. */
export function refusal(act: () => unknown): ErrorName | undefined {
  try {
    act()
    return undefined
  } catch (error) {
    if (error instanceof KafkaError) return error.error
    throw error
  }
}

/** Everything that records tell of a group, comparable. */
export function told(group: ConsumerGroup | undefined): object | undefined {
  if (group === undefined) return undefined
  const { isMetadataStale, ...rest } = group
  return {
    ...rest,
    members: sorted(group.members, (member) => ({
      ...member,
      assigned: plainHeld(member.assigned),
      pendingRevocation: plainHeld(member.pendingRevocation),
    })),
    staticMembers: sorted(group.staticMembers),
    target: sorted(group.target, plain),
    regexes: sorted(group.regexes, (regex) => ({ ...regex, topics: [...regex.topics].sort() })),
    holders: sorted(group.holders),
    topicSubscribers: sorted(group.topicSubscribers),
    regexSubscribers: sorted(group.regexSubscribers),
  }
}

function sorted<V>(
  entries: Iterable<[string, V]>,
  map: (value: V) => unknown = (value) => value,
): Readonly<Record<string, unknown>> {
  const inOrder = [...entries].sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(inOrder.map(([key, value]) => [key, map(value)]))
}

/** Partitions by topic id. */
export function plain(assignment: Assignment): Readonly<Record<string, unknown>> {
  return sorted(assignment, (partitions) => [...partitions].sort((a, b) => a - b))
}

/** Epochs by partition by topic id. */
export function plainHeld(held: HeldPartitions): Readonly<Record<string, unknown>> {
  return sorted(held, (epochs) => Object.fromEntries(epochs))
}
