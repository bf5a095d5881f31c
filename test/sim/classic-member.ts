import { joinGroup } from '../../src/protocol/api/11-join-group.ts'
import { heartbeat } from '../../src/protocol/api/12-heartbeat.ts'
import { leaveGroup } from '../../src/protocol/api/13-leave-group.ts'
import { syncGroup } from '../../src/protocol/api/14-sync-group.ts'
import { errorName } from '../../src/protocol/errors.ts'
import {
  consumerProtocolAssignment,
  consumerProtocolSubscription,
} from '../../src/protocol/internal/consumer-protocol.ts'
import type { ResponseOf } from '../../src/protocol/schema.ts'
import { decodeExtensible, encodeVersioned } from '../../src/protocol/stored.ts'
import type { Connection } from './actor.ts'
import { GroupMember, partsOf } from './group-member.ts'

const PROTOCOL_TYPE = 'consumer'
const PROTOCOL = 'range'
const REBALANCE_TIMEOUT_MS = 1_000

type Joined = ResponseOf<typeof joinGroup>

/** A member by the classic protocol: joins, waits for the others, is given its part by the leader
 *  among them, and gives everything up before it joins again. */
export class ClassicMember extends GroupMember {
  #id = ''
  /** -1 while it has nothing. */
  #generation = -1

  override get isSettled(): boolean {
    return this.#generation >= 0
  }

  protected override get membership() {
    return this.#generation >= 0 ? { id: this.#id, epoch: this.#generation } : undefined
  }

  protected override reconnected(): void {}

  protected override async turn(connection: Connection): Promise<void> {
    if (this.#generation < 0) await this.#join(connection)
    else await this.#beat(connection)
  }

  protected override async leave(connection: Connection): Promise<void> {
    if (this.#id === '') return
    const members = [{ memberId: this.#id }]
    await connection.ask(leaveGroup, 5, { groupId: this.group.groupId, members })
  }

  protected override forget(): void {
    this.#id = ''
    this.#generation = -1
  }

  protected override asker() {
    return {}
  }

  async #beat(connection: Connection): Promise<void> {
    const askedAtMs = this.world.nowMs
    const { errorCode } = await connection.ask(heartbeat, 4, this.#named())
    const error = errorName(errorCode)
    if (error === 'NONE') this.confirm(this.#generation, askedAtMs)
    else if (!this.passes(error, 'heartbeats')) this.#rejoin(error === 'UNKNOWN_MEMBER_ID')
  }

  async #join(connection: Connection): Promise<void> {
    const metadata = encodeVersioned(consumerProtocolSubscription, 3, {
      topics: [...this.group.topics],
      userData: null,
    })
    const joined = await connection.ask(joinGroup, 9, {
      groupId: this.group.groupId,
      sessionTimeoutMs: this.group.sessionTimeoutMs,
      rebalanceTimeoutMs: REBALANCE_TIMEOUT_MS,
      memberId: this.#id,
      protocolType: PROTOCOL_TYPE,
      protocols: [{ name: PROTOCOL, metadata }],
    })
    const error = errorName(joined.errorCode)
    if (error === 'NONE') return await this.#sync(connection, joined)
    if (error === 'MEMBER_ID_REQUIRED') this.#id = joined.memberId
    else if (!this.passes(error, 'joins')) this.#rejoin(error === 'UNKNOWN_MEMBER_ID')
  }

  async #sync(connection: Connection, joined: Joined): Promise<void> {
    this.#id = joined.memberId
    const { errorCode, assignment } = await connection.ask(syncGroup, 5, {
      groupId: this.group.groupId,
      generationId: joined.generationId,
      memberId: this.#id,
      protocolType: PROTOCOL_TYPE,
      protocolName: PROTOCOL,
      assignments: this.#assign(joined),
    })
    const error = errorName(errorCode)
    if (error !== 'NONE') {
      if (!this.passes(error, 'syncs')) this.#rejoin(error === 'UNKNOWN_MEMBER_ID')
      return
    }
    this.#generation = joined.generationId
    const given =
      assignment.length === 0
        ? []
        : decodeExtensible(consumerProtocolAssignment, assignment).assignedPartitions
    const places = given.flatMap(({ topic, partitions }) => partitions.map((p) => `${topic}-${p}`))
    this.take(new Set(places), this.#id, this.#generation)
  }

  /** The leader's work: deals the partitions out, one after the other. */
  #assign({ members, generationId }: Joined) {
    const places = this.world.ledger.alive
      .filter(({ name }) => this.group.topics.includes(name))
      .flatMap(({ name, partitions }) => partitions.map(({ index }) => `${name}-${index}`))
    return members.map(({ memberId }, at) => {
      const own = places.filter((_, i) => (i + generationId) % members.length === at).map(partsOf)
      const byTopic = [...Map.groupBy(own, ({ topic }) => topic)]
      const assignedPartitions = byTopic.map(([topic, found]) => ({
        topic,
        partitions: found.map(({ index }) => index),
      }))
      const value = { assignedPartitions, userData: null }
      return { memberId, assignment: encodeVersioned(consumerProtocolAssignment, 3, value) }
    })
  }

  #rejoin(asSomebodyElse: boolean): void {
    this.giveUp()
    this.#generation = -1
    if (asSomebodyElse) this.#id = ''
  }

  #named() {
    const { groupId } = this.group
    return { groupId, generationId: this.#generation, memberId: this.#id }
  }
}
