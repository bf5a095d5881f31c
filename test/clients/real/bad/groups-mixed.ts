/** Members of one protocol in groups of the other: live ones, which change over, and empty ones. */

import { offsetCommit } from '../../../../src/protocol/api/08-offset-commit.ts'
import { joinGroup } from '../../../../src/protocol/api/11-join-group.ts'
import { heartbeat } from '../../../../src/protocol/api/12-heartbeat.ts'
import { leaveGroup } from '../../../../src/protocol/api/13-leave-group.ts'
import { syncGroup } from '../../../../src/protocol/api/14-sync-group.ts'
import { describeGroups } from '../../../../src/protocol/api/15-describe-groups.ts'
import { listGroups } from '../../../../src/protocol/api/16-list-groups.ts'
import { consumerGroupHeartbeat } from '../../../../src/protocol/api/68-consumer-group-heartbeat.ts'
import { consumerGroupDescribe } from '../../../../src/protocol/api/69-consumer-group-describe.ts'
import type { RequestInput } from '../../../../src/protocol/schema.ts'
import type { RawConnection } from '../../raw/connection.ts'
import { subscription } from './groups-classic.ts'
import { type BadRequest, steps, type World } from './row.ts'

type Join = RequestInput<typeof joinGroup>
type Beat = RequestInput<typeof consumerGroupHeartbeat>

/** What a leader assigns to a consumer (version 0 of its protocol): partitions of one topic. */
function assignment(topic: string, partitions: readonly number[], userData = -1): Uint8Array {
  const bytes = Buffer.alloc(2 + 4 + 2 + topic.length + 4 + 4 * partitions.length + 4)
  let at = bytes.writeInt32BE(1, 2)
  at = bytes.writeInt16BE(topic.length, at)
  at += bytes.write(topic, at)
  at = bytes.writeInt32BE(partitions.length, at)
  for (const partition of partitions) at = bytes.writeInt32BE(partition, at)
  bytes.writeInt32BE(userData, at)
  return userData > 0 ? Buffer.concat([bytes, Buffer.alloc(userData)]) : bytes
}

/** What members of one group say, and what is seen of it. */
class Talk {
  readonly #connection: RawConnection
  readonly #world: World
  readonly #groupId: string

  constructor(connection: RawConnection, world: World, groupId: string) {
    this.#connection = connection
    this.#world = world
    this.#groupId = groupId
  }

  /** Joins by the classic protocol, in a version that lets a member in at once. */
  join(more: Partial<Join> = {}, version = 3) {
    const groupId = this.#groupId
    return this.#connection.ask(joinGroup, version, {
      groupId,
      memberId: '',
      sessionTimeoutMs: 30_000,
      rebalanceTimeoutMs: 30_000,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: subscription(this.#world.topic) }],
      ...more,
    })
  }

  /** As the leader, who takes everything. */
  sync(memberId: string, generationId: number, given?: Uint8Array) {
    const all = given ?? assignment(this.#world.topic, [0, 1])
    return this.#connection.ask(syncGroup, 3, {
      groupId: this.#groupId,
      memberId,
      generationId,
      assignments: [{ memberId, assignment: all }],
    })
  }

  beat(memberId: string, generationId: number) {
    const groupId = this.#groupId
    return this.#connection.ask(heartbeat, 4, { groupId, memberId, generationId })
  }

  leave(memberId: string) {
    const members = [{ memberId, groupInstanceId: null }]
    return this.#connection.ask(leaveGroup, 5, { groupId: this.#groupId, members })
  }

  commit(memberId: string, generationIdOrMemberEpoch: number) {
    const partitions = [{ partitionIndex: 0, committedOffset: 1, committedMetadata: '' }]
    return this.#connection.ask(offsetCommit, 9, {
      groupId: this.#groupId,
      memberId,
      generationIdOrMemberEpoch,
      topics: [{ name: this.#world.topic, partitions }],
    })
  }

  /** The first heartbeat of a member of the consumer protocol. */
  enter(more: Partial<Beat> = {}) {
    return this.say({
      memberEpoch: 0,
      rebalanceTimeoutMs: 30_000,
      subscribedTopicNames: [this.#world.topic],
      topicPartitions: [],
      ...more,
    })
  }

  say(more: Partial<Beat>) {
    const groupId = this.#groupId
    return this.#connection.ask(consumerGroupHeartbeat, 1, {
      groupId,
      memberId: 'new',
      memberEpoch: 0,
      ...more,
    })
  }

  holding(...partitions: number[]) {
    return { topicPartitions: [{ topicId: this.#world.topicId, partitions }] }
  }

  async seen() {
    const groupIds = [this.#groupId]
    const includeAuthorizedOperations = false
    const { groups } = await this.#connection.ask(listGroups, 5, {})
    return [
      groups.filter(({ groupId }) => groupId === this.#groupId),
      await this.#connection.ask(describeGroups, 6, { groups: groupIds }),
      await this.#connection.ask(consumerGroupDescribe, 1, {
        groupIds,
        includeAuthorizedOperations,
      }),
    ]
  }
}

const talk = (name: string, groupId: string, say: (talk: Talk) => Promise<unknown[]>): BadRequest =>
  steps(name, (connection, world) => say(new Talk(connection, world, `mixed-${groupId}`)))

const upgrades: readonly BadRequest[] = [
  talk('a live classic group becomes one of the consumer protocol, and back', 'both', async (t) => {
    const { memberId } = await t.join()
    const old = String(memberId)
    const said: unknown[] = [await t.sync(old, 1), await t.beat(old, 1)]
    said.push(await t.enter(), ...(await t.seen()))
    said.push(await t.beat(old, 1), await t.commit(old, 1))
    const rejoined = await t.join({ memberId: old })
    said.push(rejoined, await t.beat(old, rejoined.generationId))
    said.push(await t.sync(old, rejoined.generationId), ...(await t.seen()))
    const again = await t.say({ memberEpoch: rejoined.generationId })
    said.push(again, await t.say({ memberEpoch: again.memberEpoch }))
    said.push(await t.beat(old, rejoined.generationId), ...(await t.seen()))
    said.push(await t.commit(old, rejoined.generationId), await t.commit(old, 99))
    said.push(await t.say({ memberEpoch: -1 }), ...(await t.seen()))
    said.push(await t.beat(old, rejoined.generationId))
    return [...said, await t.leave(old), ...(await t.seen())]
  }),
  talk('a classic group of something else stays as it is', 'connect', async (t) => {
    const { memberId } = await t.join({ protocolType: 'connect' })
    return [await t.sync(memberId, 1), await t.enter(), ...(await t.seen())]
  }),
  talk('a classic group whose subscriptions are not readable stays as it is', 'odd', async (t) => {
    const protocols = [{ name: 'range', metadata: new Uint8Array([1, 2, 3]) }]
    const { memberId } = await t.join({ protocols })
    return [await t.sync(memberId, 1), await t.enter(), ...(await t.seen())]
  }),
  talk('one whose assignor keeps data of its own stays as it is', 'custom', async (t) => {
    const { memberId } = await t.join()
    const given = assignment('t', [0], 5)
    return [await t.sync(memberId, 1, given), await t.enter(), ...(await t.seen())]
  }),
  talk(
    'a classic group in a rebalance becomes one of the consumer protocol',
    'early',
    async (t) => {
      const { memberId } = await t.join()
      const { errorCode, memberEpoch, assignment } = await t.enter()
      // Which of the two partitions it gets depends on the ids, one of which is made up.
      const counts = assignment?.topicPartitions.map(({ partitions }) => partitions.length)
      const [listed, described] = await t.seen()
      return [errorCode, memberEpoch, counts, listed, described, await t.beat(memberId, 1)]
    },
  ),
  talk('an empty classic group becomes one of the consumer protocol', 'empty', async (t) => {
    const { memberId } = await t.join()
    return [await t.leave(memberId), await t.enter(), ...(await t.seen()), await t.commit('new', 2)]
  }),
  talk('a group of mere offsets becomes one of the consumer protocol', 'bare', async (t) => {
    const committed = await t.commit('', -1)
    return [committed, await t.seen(), await t.enter(), ...(await t.seen())]
  }),
]

const joins: readonly BadRequest[] = [
  talk('a classic member joins a live group of the consumer protocol', 'into', async (t) => {
    const said: unknown[] = [await t.enter()]
    const first = await t.join({}, 9)
    const { memberId } = first
    const joined = await t.join({ memberId }, 9)
    said.push(first, joined, await t.sync(memberId, joined.generationId), ...(await t.seen()))
    const kept = await t.say({ memberEpoch: 2 })
    const given = kept.assignment?.topicPartitions.flatMap(({ partitions }) => partitions) ?? []
    said.push(kept, await t.say({ memberEpoch: 2, ...t.holding(...given) }))
    said.push(await t.beat(memberId, joined.generationId))
    const next = await t.join({ memberId }, 9)
    said.push(next, await t.sync(memberId, next.generationId), ...(await t.seen()))
    said.push(await t.beat(memberId, 1), await t.beat('nobody', next.generationId))
    said.push(await t.sync(memberId, 1), await t.commit(memberId, 1))
    said.push(await t.say({ memberId, memberEpoch: next.generationId }))
    return [...said, await t.leave('nobody'), await t.leave(memberId), ...(await t.seen())]
  }),
  talk('who does not fit a live group of the consumer protocol is refused', 'unfit', async (t) => {
    const entered = await t.enter()
    const protocols = [{ name: 'range', metadata: new Uint8Array([1, 2, 3]) }]
    return [
      entered,
      await t.join({ protocolType: 'connect' }),
      await t.join({ protocols: [] }),
      await t.join({ protocols }),
      await t.join({ memberId: 'nobody' }),
      await t.join({ memberId: 'new' }),
      await t.sync('new', 2),
      await t.beat('new', 2),
      await t.sync('nobody', 2),
      await t.leave('new'),
      ...(await t.seen()),
    ]
  }),
  talk('an empty group of the consumer protocol becomes a classic one', 'emptied', async (t) => {
    const said: unknown[] = [await t.enter(), await t.say({ memberEpoch: -1 })]
    said.push(await t.join({ memberId: 'nobody' }), await t.join(), ...(await t.seen()))
    return said
  }),
]

export const mixedGroupRequests: readonly BadRequest[] = [...upgrades, ...joins]
