/** A group and what members of both protocols ask of it, one request at a time. */

import type { BrokerConfig } from '../../config/broker.ts'
import { type ErrorName, errorName, KafkaError } from '../../protocol/errors.ts'
import type { ClassicGroup } from '../classic/group.ts'
import type { ConsumerGroup } from '../consumer/group.ts'
import type { GroupAnswers, GroupEvent } from '../events.ts'
import type { GroupRecord } from '../records.ts'
import { callerOf, TestShard } from '../shard-for-test.ts'
import { assigned, GROUP, subscription } from './clients-for-test.ts'

/** An answer, whose code is a name here; a request that is refused has only that, and
 *  one that still waits has REQUEST_TIMED_OUT. */
export type Answer<T extends keyof GroupAnswers> = Partial<GroupAnswers[T]> & {
  readonly error: ErrorName
}

type Request<T extends GroupEvent['type']> = Extract<GroupEvent, { type: T; request: object }>
type Fields<T extends GroupEvent['type']> = Partial<Request<T>['request']>

export interface JoinFields extends Fields<'join-group'> {
  readonly topics?: readonly string[]
  readonly owned?: readonly string[]
  readonly version?: number
}

export class Scene {
  readonly shard: TestShard
  #born = 0

  /** @param topics partition counts by name. */
  constructor(settings: Partial<BrokerConfig> = {}, topics: Record<string, number> = { books: 4 }) {
    this.shard = new TestShard(settings)
    for (const [name, count] of Object.entries(topics)) this.shard.changeTopic(name, count)
  }

  get consumer(): ConsumerGroup | undefined {
    const group = this.shard.shard.group(GROUP)
    return group?.type === 'consumer' ? group : undefined
  }

  get classic(): ClassicGroup | undefined {
    const group = this.shard.shard.group(GROUP)
    return group?.type === 'classic' ? group : undefined
  }

  join({ topics = ['books'], owned, version = 9, ...fields }: JoinFields = {}) {
    this.#born += 1
    return this.#ask({
      type: 'join-group',
      freshId: `fresh-${this.#born}`.padEnd(22, 'A'),
      caller: callerOf(version),
      request: {
        groupId: GROUP,
        memberId: '',
        groupInstanceId: null,
        protocolType: 'consumer',
        protocols: [{ name: 'range', metadata: subscription(topics, owned) }],
        sessionTimeoutMs: 10_000,
        rebalanceTimeoutMs: 30_000,
        reason: null,
        ...fields,
      },
    })
  }

  sync(memberId: string, generationId: number, fields: Fields<'sync-group'> = {}) {
    return this.#ask({
      type: 'sync-group',
      caller: callerOf(5),
      request: {
        groupId: GROUP,
        memberId,
        generationId,
        groupInstanceId: null,
        protocolType: 'consumer',
        protocolName: 'range',
        assignments: [],
        ...fields,
      },
    })
  }

  heartbeat(memberId: string, generationId: number, groupInstanceId: string | null = null) {
    const request = { groupId: GROUP, memberId, generationId, groupInstanceId }
    return this.#ask({ type: 'heartbeat', caller: callerOf(4), request }).error
  }

  /** @returns the error of each. */
  leave(...members: readonly (readonly [memberId: string, instanceId: string | null])[]) {
    const answer = this.#ask({
      type: 'leave-group',
      caller: callerOf(5),
      request: {
        groupId: GROUP,
        memberId: '',
        members: members.map(([memberId, groupInstanceId]) => ({
          memberId,
          groupInstanceId,
          reason: null,
        })),
      },
    })
    return (answer.members ?? []).map(({ errorCode }) => errorName(errorCode))
  }

  /** A heartbeat of the consumer protocol; it joins unless `memberEpoch` says otherwise. */
  beat(memberId: string, fields: Fields<'consumer-group-heartbeat'> = {}) {
    const joins = (fields.memberEpoch ?? 0) === 0
    return this.#ask({
      type: 'consumer-group-heartbeat',
      freshId: 'fresh',
      caller: callerOf(1),
      request: {
        groupId: GROUP,
        memberId,
        memberEpoch: 0,
        instanceId: null,
        rackId: null,
        rebalanceTimeoutMs: joins ? 60_000 : -1,
        subscribedTopicNames: joins ? ['books'] : null,
        subscribedTopicRegex: null,
        serverAssignor: null,
        topicPartitions: joins ? [] : null,
        ...fields,
      },
    })
  }

  /** Lets as much time pass as must lie between two assignments. */
  letAssign(): void {
    this.shard.advance(this.shard.world.groupConfig(GROUP)['consumer.assignment.interval.ms'])
  }

  /** What a member is given when it asks. */
  given(memberId: string, generationId: number): readonly string[] {
    const { assignment } = this.sync(memberId, generationId)
    return assignment === undefined ? [] : [...assigned(assignment)].toSorted()
  }

  /** A classic member joins a classic group alone and takes all. @returns its id. */
  foundClassic(owned: Uint8Array, fields: JoinFields = {}): string {
    const { memberId = '' } = this.join({ version: 3, ...fields })
    const said = { protocolType: null, protocolName: null }
    this.sync(memberId, 1, { ...said, assignments: [{ memberId, assignment: owned }] })
    return memberId
  }

  /** Kinds of the records since then, `ends` for a tombstone. */
  kinds(from = 0): readonly string[] {
    return this.records(from).map(({ type, value }) => (value === null ? `${type} ends` : type))
  }

  records(from = 0): readonly GroupRecord[] {
    return this.shard.log.slice(from).flatMap((logged) => {
      const record = logged.type === 'record' ? this.shard.shard.decode(logged.stored) : undefined
      return record === undefined ? [] : [record]
    })
  }

  #ask<T extends keyof GroupAnswers>(event: GroupEvent & { readonly type: T }): Answer<T> {
    try {
      const answer = this.shard.answer(event.type, this.shard.send(event))
      if (answer === undefined) return failed('REQUEST_TIMED_OUT')
      const { errorCode = 0 } = answer as { readonly errorCode?: number } // each answer may have one
      return { ...answer, error: errorName(errorCode) }
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error
      return failed(error.error)
    }
  }
}

/** Nothing but an error is in it. */
function failed<T extends keyof GroupAnswers>(error: ErrorName): Answer<T> {
  return { error } as Answer<T>
}
