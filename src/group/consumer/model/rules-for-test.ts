/** What must hold of a consumer group and its clients, at any time and in the end. */

import type { ClusterImage } from '../../../metadata/image.ts'
import type { ConsumerGroupRecord } from '../../records.ts'
import { applyConsumer } from '../apply.ts'
import { type TestCoordinator, told } from '../coordinator-for-test.ts'
import { withMember } from '../derived.ts'
import { consumerStateOf } from '../describe.ts'
import {
  type ConsumerGroup,
  type ConsumerMember,
  emptyConsumerGroup,
  LEFT_FOR_NOW,
  partitionKey,
} from '../group.ts'
import { subscribedTopicIds } from '../subscription.ts'
import { type ModelClient, split } from './client-for-test.ts'

/** A rule that was broken. */
export class Violation extends Error {
  override readonly name = 'Violation'
}

export function must(holds: boolean, rule: string): asserts holds {
  if (!holds) throw new Violation(rule)
}

/** The records of a group as compaction leaves them at its most eager: each key's last, no tombstone. */
export class CompactedLog {
  readonly #last = new Map<string, ConsumerGroupRecord>()

  add(record: ConsumerGroupRecord): void {
    const key = JSON.stringify([record.type, record.key])
    this.#last.delete(key)
    if (record.value !== null) this.#last.set(key, record)
  }

  records(): readonly ConsumerGroupRecord[] {
    return [...this.#last.values()]
  }
}

/** Clients that the group counts as members at this moment, with what it knows of them. */
function membersOf(
  group: ConsumerGroup | undefined,
  clients: readonly ModelClient[],
): readonly (readonly [ModelClient, ConsumerMember])[] {
  return clients.flatMap((client) => {
    const member = group?.members.get(client.memberId)
    const isThere = member !== undefined && member.memberEpoch !== LEFT_FOR_NOW
    return isThere && !client.isDead ? [[client, member] as const] : []
  })
}

/** At any time: nobody consumes what another member does, or what the group does not know it to have. */
export function checkOwners({ group }: TestCoordinator, clients: readonly ModelClient[]): void {
  const owners = new Map<string, string>()
  for (const [client, member] of membersOf(group, clients)) {
    for (const key of client.owned) {
      const other = owners.get(key)
      must(other === undefined, `${key} is consumed by ${client.memberId} and ${other}`)
      owners.set(key, client.memberId)
      must(holds(member, key), `${client.memberId} consumes ${key}, which the group calls free`)
    }
  }
}

/** Whether a member has a partition, or has still to give it up. */
export function holds(member: ConsumerMember, key: string): boolean {
  const [topicId, partition] = split(key)
  return [member.assigned, member.pendingRevocation].some((side) =>
    side.get(topicId)?.has(partition),
  )
}

/** At any time: what is derived from members is what deriving it all over gives, and no two hold one
 *  partition. */
export function checkDerived({ group }: TestCoordinator): void {
  if (group === undefined) return
  let count = 0
  let again: ConsumerGroup = { ...emptyConsumerGroup(group.groupId), regexes: group.regexes }
  for (const member of group.members.values()) {
    again = withMember(again, undefined, member)
    for (const side of [member.assigned, member.pendingRevocation]) {
      for (const epochs of side.values()) count += epochs.size
    }
  }
  must(count === again.holders.size, 'a partition is held twice')
  for (const which of ['holders', 'staticMembers', 'regexSubscribers'] as const) {
    const expected = JSON.stringify([...again[which]].sort())
    must(expected === JSON.stringify([...group[which]].sort()), `${which} are not those of members`)
  }
}

/** At any time: the records alone make the same group. */
export function checkReplay({ group }: TestCoordinator, log: CompactedLog): void {
  let again: ConsumerGroup | undefined
  for (const record of log.records()) again = applyConsumer(again, record)
  must(text(told(again)) === text(told(group)), 'records do not tell the group that there is')
}

/** Sets by their contents; the order of their making does not count. */
function text(value: unknown): string {
  return JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? `${part}n` : part)) ?? ''
}

/** Once nothing goes wrong any more: everybody alive has its target, and all is consumed by somebody
 *  who asked for it. */
export function checkSettled(coordinator: TestCoordinator, clients: readonly ModelClient[]): void {
  const { group, image } = coordinator
  const alive = clients.filter(({ isDead }) => !isDead)
  if (group === undefined) {
    must(alive.length === 0, 'living clients are in no group')
    return
  }
  const members = membersOf(group, clients)
  must(members.length === alive.length, 'a living client is not a member')
  must(group.members.size === alive.length, 'a dead client is a member')
  const state = consumerStateOf(group)
  must(state === 'Stable' || state === 'Empty', `the group is ${state}`)
  const owned = new Set<string>()
  for (const [client, member] of members) {
    const target = keysOf(group.target.get(client.memberId) ?? [])
    const isThere = client.epoch === group.epoch && client.owned.size === target.length
    must(isThere, `${client.memberId} is not at its target`)
    must(
      target.every((key) => client.owned.has(key)),
      `${client.memberId} has other partitions than its target`,
    )
    for (const key of target) owned.add(key)
    const asked = subscribedTopicIds(group, member, image)
    must(
      target.every((key) => asked.has(split(key)[0])),
      `${client.memberId} has what it does not ask for`,
    )
  }
  checkCoverage(group, image, members, owned)
}

function checkCoverage(
  group: ConsumerGroup,
  image: ClusterImage,
  members: readonly (readonly [ModelClient, ConsumerMember])[],
  owned: ReadonlySet<string>,
): void {
  const wanted = new Set<string>()
  for (const [, member] of members) {
    for (const topicId of subscribedTopicIds(group, member, image)) {
      const count = image.topicsById.get(topicId)?.partitions.length ?? 0
      for (let index = 0; index < count; index++) wanted.add(partitionKey(topicId, index))
    }
  }
  must(wanted.size === owned.size, `${owned.size} of ${wanted.size} partitions are consumed`)
}

function keysOf(target: Iterable<readonly [string, readonly number[]]>): readonly string[] {
  return [...target].flatMap(([topicId, partitions]) =>
    partitions.map((partition) => partitionKey(topicId, partition)),
  )
}
