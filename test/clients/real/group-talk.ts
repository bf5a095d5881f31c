/** A conversation of several clients with one broker about one group, written down so that it can be
 *  compared with the same one with another broker. */

import { partitionOf } from '../../../src/coordinator/partition-of.ts'
import { decodeGroupRecord } from '../../../src/group/record-codec.ts'
import type { GroupRecord } from '../../../src/group/records.ts'
import { offsetCommit } from '../../../src/protocol/api/08-offset-commit.ts'
import { offsetFetch } from '../../../src/protocol/api/09-offset-fetch.ts'
import { joinGroup } from '../../../src/protocol/api/11-join-group.ts'
import { heartbeat } from '../../../src/protocol/api/12-heartbeat.ts'
import { leaveGroup } from '../../../src/protocol/api/13-leave-group.ts'
import { syncGroup } from '../../../src/protocol/api/14-sync-group.ts'
import { describeGroups } from '../../../src/protocol/api/15-describe-groups.ts'
import { listGroups } from '../../../src/protocol/api/16-list-groups.ts'
import { consumerGroupHeartbeat } from '../../../src/protocol/api/68-consumer-group-heartbeat.ts'
import { consumerGroupDescribe } from '../../../src/protocol/api/69-consumer-group-describe.ts'
import { errorName } from '../../../src/protocol/errors.ts'
import {
  consumerProtocolAssignment,
  consumerProtocolSubscription,
} from '../../../src/protocol/internal/consumer-protocol.ts'
import type {
  Api,
  Fields,
  Read,
  RequestInput,
  ResponseOf,
  Write,
} from '../../../src/protocol/schema.ts'
import { encodeVersioned } from '../../../src/protocol/stored.ts'
import { batchSizeBytes } from '../../../src/records/batch.ts'
import { recordsOf } from '../../../src/records/records.ts'
import { RawConnection } from '../raw/connection.ts'
import { fetchOnce } from '../raw/requests.ts'

const offsetsTopic = '__consumer_offsets'
const maxBatchBytes = 1024 * 1024

/** What a client says of itself besides what all say alike. */
type Said<A> = Partial<RequestInput<A>>

export interface JoinSaid extends Said<typeof joinGroup> {
  /** Topics; absent: the one of the test. */
  readonly topics?: readonly string[]
  /** Partitions of the test's topic. */
  readonly owned?: readonly number[]
  readonly version?: number
}

/** The topic of a test; its id differs from broker to broker. */
export interface Topic {
  readonly name: string
  readonly id: string
}

/** A kept answer: `undefined` until it is there. */
interface Entry {
  readonly what: string
  answer: unknown
}

export class GroupTalk {
  readonly groupId: string
  readonly topic: Topic
  readonly #bootstrap: string
  readonly #entries: Entry[] = []
  readonly #connections = new Map<string, Promise<RawConnection>>()
  /** Names of the clients, by the ids that the broker gave them. */
  readonly #names = new Map<string, string>()
  readonly #ids = new Map<string, string>()
  readonly #notCompared: ReadonlySet<string>
  #readUpTo = 0

  /** @param notCompared names of fields that the brokers may differ in. */
  constructor(
    bootstrap: string,
    groupId: string,
    topic: Topic,
    notCompared: readonly string[] = [],
  ) {
    this.#notCompared = new Set([...ownValues, ...notCompared])
    this.#bootstrap = bootstrap
    this.groupId = groupId
    this.topic = topic
    this.#names.set(topic.id, 'TOPIC')
  }

  /** Everything that was answered and recorded, with names in place of ids. */
  get transcript(): readonly unknown[] {
    return this.#entries.map(({ what, answer }) => [what, this.#named(answer)])
  }

  async close(): Promise<void> {
    for (const connection of this.#connections.values()) (await connection).close()
  }

  /** The id of a client, as last heard of; its name while it has none from the broker. */
  idOf(name: string): string {
    return this.#ids.get(name) ?? name
  }

  /** A member of the consumer protocol joins, unless it says otherwise. Its id is its name. */
  async beat(name: string, said: Said<typeof consumerGroupHeartbeat> = {}) {
    const joins = (said.memberEpoch ?? 0) === 0
    return await this.#ask(name, consumerGroupHeartbeat, 1, {
      groupId: this.groupId,
      memberId: name,
      memberEpoch: 0,
      ...(joins && {
        rebalanceTimeoutMs: 60_000,
        subscribedTopicNames: [this.topic.name],
        topicPartitions: [],
      }),
      ...said,
    })
  }

  /** A heartbeat that names the partitions of the test's topic which the member has. */
  async beatWith(name: string, memberEpoch: number, partitions: readonly number[]) {
    const topicPartitions =
      partitions.length === 0 ? [] : [{ topicId: this.topic.id, partitions: [...partitions] }]
    return await this.beat(name, { memberEpoch, topicPartitions })
  }

  /** A classic client joins: with the id it has, or for one, coming again with that when it must. */
  async join(
    name: string,
    { topics, owned, version = 9, ...said }: JoinSaid = {},
  ): Promise<ResponseOf<typeof joinGroup>> {
    const answer = await this.#ask(name, joinGroup, version, {
      groupId: this.groupId,
      memberId: this.#ids.get(name) ?? '',
      ...(version >= 5 && { groupInstanceId: null }),
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: this.subscription(topics, owned) }],
      sessionTimeoutMs: 45_000,
      ...(version >= 1 && { rebalanceTimeoutMs: 60_000 }),
      ...said,
    })
    if (answer.memberId !== '') {
      this.#ids.set(name, answer.memberId)
      this.#names.set(answer.memberId, name)
    }
    if (errorName(answer.errorCode) !== 'MEMBER_ID_REQUIRED') return answer
    return await this.join(name, {
      ...(topics && { topics }),
      ...(owned && { owned }),
      version,
      ...said,
    })
  }

  /** @param parts partitions of the test's topic by the names of the members, of a leader. */
  async sync(
    name: string,
    generationId: number,
    parts: Readonly<Record<string, readonly number[]>> = {},
    said: Said<typeof syncGroup> = {},
  ) {
    return await this.#ask(name, syncGroup, 5, {
      groupId: this.groupId,
      generationId,
      memberId: this.idOf(name),
      groupInstanceId: null,
      protocolType: 'consumer',
      protocolName: 'range',
      assignments: Object.entries(parts).map(([member, partitions]) => ({
        memberId: this.idOf(member),
        assignment: this.assignment(partitions),
      })),
      ...said,
    })
  }

  async heartbeat(name: string, generationId: number, said: Said<typeof heartbeat> = {}) {
    return await this.#ask(name, heartbeat, 4, {
      groupId: this.groupId,
      generationId,
      memberId: this.idOf(name),
      groupInstanceId: null,
      ...said,
    })
  }

  /** A heartbeat that is not written down: how many there are is a matter of time. */
  async heartbeatQuietly(name: string, generationId: number) {
    const identity = { memberId: this.idOf(name), groupInstanceId: null }
    return await (await this.#connection(name)).ask(heartbeat, 4, {
      groupId: this.groupId,
      generationId,
      ...identity,
    })
  }

  async leave(
    name: string,
    members: readonly { readonly memberId: string; readonly groupInstanceId?: string | null }[] = [
      { memberId: this.idOf(name) },
    ],
  ) {
    return await this.#ask(name, leaveGroup, 5, {
      groupId: this.groupId,
      members: members.map((member) => ({ groupInstanceId: null, reason: null, ...member })),
    })
  }

  async commit(name: string, generation: number, offset: number, partition = 0) {
    return await this.#ask(name, offsetCommit, 9, {
      groupId: this.groupId,
      generationIdOrMemberEpoch: generation,
      memberId: this.idOf(name),
      groupInstanceId: null,
      topics: [
        {
          name: this.topic.name,
          partitions: [
            {
              partitionIndex: partition,
              committedOffset: offset,
              committedLeaderEpoch: -1,
              committedMetadata: null,
            },
          ],
        },
      ],
    })
  }

  async committed(name: string, memberEpoch = -1) {
    const memberId = memberEpoch === -1 ? null : this.idOf(name)
    return await this.#ask(name, offsetFetch, 9, {
      groups: [{ groupId: this.groupId, memberId, memberEpoch, topics: null }],
      requireStable: false,
    })
  }

  /** What the group is described as and has recorded since the last look. */
  async look(): Promise<void> {
    const groupIds = [this.groupId]
    await this.#ask('admin', consumerGroupDescribe, 1, {
      groupIds,
      includeAuthorizedOperations: false,
    })
    await this.#ask('admin', describeGroups, 6, {
      groups: groupIds,
      includeAuthorizedOperations: false,
    })
    const { groups } = await (await this.#connection('admin')).ask(listGroups, 5, {
      statesFilter: [],
      typesFilter: [],
    })
    const own = groups.find(({ groupId }) => groupId === this.groupId)
    this.#entries.push({ what: 'listed', answer: own })
    this.#entries.push({ what: 'recorded', answer: await this.#recorded() })
  }

  subscription(topics: readonly string[] = [this.topic.name], owned?: readonly number[]) {
    return encodeVersioned(consumerProtocolSubscription, owned === undefined ? 0 : 1, {
      topics,
      userData: null,
      ...(owned !== undefined && {
        ownedPartitions: [{ topic: this.topic.name, partitions: [...owned] }],
      }),
    })
  }

  assignment(partitions: readonly number[], userData: Uint8Array | null = null) {
    return encodeVersioned(consumerProtocolAssignment, 0, {
      assignedPartitions:
        partitions.length === 0 ? [] : [{ topic: this.topic.name, partitions: [...partitions] }],
      userData,
    })
  }

  async #ask<Q extends Fields, A extends Fields>(
    name: string,
    api: Api<Q, A>,
    version: number,
    request: Write<Q>,
  ): Promise<Read<A>> {
    const entry: Entry = { what: `${name}: ${api.name} v${version}`, answer: undefined }
    this.#entries.push(entry)
    const answer = await (await this.#connection(name)).ask(api, version, request)
    entry.answer = answer
    return answer
  }

  #connection(name: string): Promise<RawConnection> {
    const connection = this.#connections.get(name) ?? RawConnection.open(this.#bootstrap)
    this.#connections.set(name, connection)
    return connection
  }

  async #recorded(): Promise<readonly GroupRecord[]> {
    const connection = await this.#connection('admin')
    const found: GroupRecord[] = []
    for (;;) {
      const partition = partitionOf(this.groupId, 1)
      const read = await fetchOnce(connection, offsetsTopic, partition, this.#readUpTo)
      if (read.records.length === 0) return found
      for (let at = 0; at < read.records.length; at += batchSizeBytes(read.records, at)) {
        for (const { offset, key, value } of recordsOf(read.records, at, maxBatchBytes)) {
          if (offset < this.#readUpTo || key === null) continue
          this.#readUpTo = offset + 1
          const record = decodeGroupRecord({ key, value })
          if (record !== undefined && groupOf(record) === this.groupId) found.push(record)
        }
      }
    }
  }

  /** Names for ids, text for bytes, and nothing of what each broker has of its own. */
  #named(value: unknown): unknown {
    if (typeof value === 'string') return this.#names.get(value) ?? value
    if (typeof value === 'bigint') return undefined
    if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1')
    if (Array.isArray(value)) return inOrder(value.map((item) => this.#named(item)))
    if (typeof value !== 'object' || value === null) return value
    const kept = Object.entries(value).filter(([name]) => !this.#notCompared.has(name))
    return Object.fromEntries(kept.map(([name, one]) => [name, this.#named(one)]))
  }
}

/** Members and topics come in the order of hash tables, and some ids are made up: neighbours of the
 *  same kind are put in the order of their names. */
function inOrder(items: readonly unknown[]): readonly unknown[] {
  const ranked = items.map((item) => ({ item, kind: kindOf(item), name: memberOf(item), run: 0 }))
  for (const [index, one] of ranked.entries()) {
    const before = ranked[index - 1]
    one.run = before === undefined ? 0 : before.run + Number(before.kind !== one.kind)
  }
  return ranked
    .toSorted((a, b) => a.run - b.run || a.name.localeCompare(b.name))
    .map(({ item }) => item)
}

function kindOf(item: unknown): unknown {
  return typeof item === 'object' && item !== null && 'type' in item ? item.type : undefined
}

function memberOf(item: unknown): string {
  if (typeof item === 'string') return item
  if (typeof item !== 'object' || item === null) return ''
  if ('memberId' in item) return `${item.memberId}`
  return 'key' in item ? memberOf(item.key) : ''
}

const ownValues: ReadonlySet<string> = new Set([
  ...['throttleTimeMs', 'errorMessage', 'metadataHash', 'commitTimestamp'],
  ...['currentStateTimestamp', 'assignmentTimestamp'],
])

function groupOf({ key }: GroupRecord): string {
  return 'group' in key ? key.group : key.groupId
}
