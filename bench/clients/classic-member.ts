/** A member of a classic group as its consumer would be, without the consuming. */

import { setTimeout as delay } from 'node:timers/promises'
import { joinGroup } from '../../src/protocol/api/11-join-group.ts'
import { heartbeat } from '../../src/protocol/api/12-heartbeat.ts'
import { syncGroup } from '../../src/protocol/api/14-sync-group.ts'
import { type ErrorName, errorName } from '../../src/protocol/errors.ts'
import {
  consumerProtocolAssignment,
  consumerProtocolSubscription,
} from '../../src/protocol/internal/consumer-protocol.ts'
import type { ResponseOf } from '../../src/protocol/schema.ts'
import { decodeExtensible, encodeVersioned } from '../../src/protocol/stored.ts'
import { Connection } from './connection.ts'

const JOIN_VERSION = 7
const SYNC_VERSION = 5
const HEARTBEAT_VERSION = 4
const SESSION_TIMEOUT_MS = 45_000
const REBALANCE_TIMEOUT_MS = 300_000
const PROTOCOL = { protocolType: 'consumer', protocolName: 'range' }
/** Answers after which a member joins again. */
const JOIN_AGAIN: readonly ErrorName[] = ['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION']

export interface ClassicMemberOptions {
  readonly bootstrap: string
  readonly groupId: string
  readonly topic: string
  readonly partitions: number
  /** Time between two heartbeats. */
  readonly heartbeatMs: number
}

/** Joins, and joins again when it is told to. */
export class ClassicMember {
  readonly #options: ClassicMemberOptions
  readonly #connection: Connection
  #memberId = ''
  #isOver = false
  /** Of the assignment it has; -1 while it has none. */
  generation = -1
  /** Partitions it has. */
  held = 0

  private constructor(options: ClassicMemberOptions, connection: Connection) {
    this.#options = options
    this.#connection = connection
  }

  static async open(options: ClassicMemberOptions): Promise<ClassicMember> {
    return new ClassicMember(options, await Connection.open(options.bootstrap))
  }

  get connection(): Connection {
    return this.#connection
  }

  /** One heartbeat's request, as long as the generation stays. */
  heartbeat() {
    const { groupId } = this.#options
    return { groupId, generationId: this.generation, memberId: this.#memberId }
  }

  /** Enters the group and stays in it. @param changed called after each new assignment. */
  async run(changed: () => void): Promise<void> {
    while (!this.#isOver) {
      await this.join()
      changed()
      await this.#beat()
    }
  }

  leave(): void {
    this.#isOver = true
    this.#connection.close()
  }

  /** Joins until it has an assignment. */
  async join(): Promise<void> {
    for (;;) {
      const joined = await this.#join()
      if (await this.#sync(joined)) return
    }
  }

  async #join(): Promise<ResponseOf<typeof joinGroup>> {
    const { groupId, topic } = this.#options
    const metadata = encodeVersioned(consumerProtocolSubscription, 3, { topics: [topic] })
    for (;;) {
      const joined = await this.#connection.ask(joinGroup, JOIN_VERSION, {
        groupId,
        memberId: this.#memberId,
        sessionTimeoutMs: SESSION_TIMEOUT_MS,
        rebalanceTimeoutMs: REBALANCE_TIMEOUT_MS,
        protocolType: PROTOCOL.protocolType,
        protocols: [{ name: PROTOCOL.protocolName, metadata }],
      })
      this.#memberId = joined.memberId
      const error = errorName(joined.errorCode)
      if (error === 'NONE') return joined
      if (error !== 'MEMBER_ID_REQUIRED') throw new Error(`join: ${error}`)
    }
  }

  /** @returns false when the group has gone on to another generation. */
  async #sync(joined: ResponseOf<typeof joinGroup>): Promise<boolean> {
    const isLeader = joined.leader === this.#memberId
    const answer = await this.#connection.ask(syncGroup, SYNC_VERSION, {
      groupId: this.#options.groupId,
      generationId: joined.generationId,
      memberId: this.#memberId,
      ...PROTOCOL,
      assignments: isLeader ? this.#assign(joined.members.map(({ memberId }) => memberId)) : [],
    })
    const error = errorName(answer.errorCode)
    if (JOIN_AGAIN.includes(error)) return false
    if (error !== 'NONE') throw new Error(`sync: ${error}`)
    const { assignedPartitions } = decodeExtensible(consumerProtocolAssignment, answer.assignment)
    this.generation = joined.generationId
    this.held = assignedPartitions.reduce((sum, { partitions }) => sum + partitions.length, 0)
    return true
  }

  /** What the leader decides: the partitions go round. */
  #assign(memberIds: readonly string[]) {
    const { topic, partitions: count } = this.#options
    const all = Array.from({ length: count }, (_, partition) => partition)
    return memberIds.map((memberId, at) => {
      const partitions = all.filter((partition) => partition % memberIds.length === at)
      const given = { assignedPartitions: [{ topic, partitions }] }
      return { memberId, assignment: encodeVersioned(consumerProtocolAssignment, 3, given) }
    })
  }

  /** Until it has to join again, or is over. */
  async #beat(): Promise<void> {
    for (;;) {
      await delay(this.#options.heartbeatMs)
      if (this.#isOver) return
      const request = this.heartbeat()
      const answer = await this.#connection
        .ask(heartbeat, HEARTBEAT_VERSION, request)
        .catch((error: unknown) => {
          if (this.#isOver) return undefined
          throw error
        })
      if (answer === undefined) return
      const error = errorName(answer.errorCode)
      if (JOIN_AGAIN.includes(error)) return
      if (error !== 'NONE') throw new Error(`heartbeat: ${error}`)
    }
  }
}
