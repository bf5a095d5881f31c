import type { Machine, ProducerOfRecord, StoredRecord, Ticket } from '../coordinator/machine.ts'
import { applyClassic } from './classic/apply.ts'
import { decideClassic } from './classic/decide.ts'
import { type ClassicGroup, emptyClassicGroup } from './classic/group.ts'
import { classicLoaded } from './classic/loaded.ts'
import { applyConsumer } from './consumer/apply.ts'
import { decideConsumer } from './consumer/decide.ts'
import type { ConsumerGroup } from './consumer/group.ts'
import { consumerLoaded } from './consumer/loaded.ts'
import type {
  ClassicTimeEvent,
  ConsumerHeartbeatEvent,
  ConsumerTimeEvent,
  GroupEvent,
  HeartbeatEvent,
  JoinGroupEvent,
  LeaveGroupEvent,
  SyncGroupEvent,
} from './events.ts'
import type { Group } from './group.ts'
import { decideClassicMember } from './migration/classic-member.ts'
import { decideUpgrade } from './migration/upgrade.ts'
import { decideOffsetCommit } from './offsets/commit.ts'
import { decideOffsetDelete } from './offsets/delete.ts'
import { decideDeleteGroup } from './offsets/delete-group.ts'
import { decideExpire, expireLater } from './offsets/expire.ts'
import { OffsetTable } from './offsets/offset-table.ts'
import { decideTopicsChanged, formerTopics } from './offsets/topics-changed.ts'
import { decideTxnOffsetCommit } from './offsets/transactional-commit.ts'
import { decodeGroupRecord, encodeGroupRecord } from './record-codec.ts'
import type { ConsumerGroupRecord, GroupRecord, OffsetRecord } from './records.ts'
import { isEmptyGroup, tombstonesOf } from './tombstones.ts'
import type { GroupEffect, GroupNote, GroupWorld } from './world.ts'

/**
 * The groups of one partition of `__consumer_offsets` and their offsets. Holds what there is and
 * hands each event to the kind of group it is for; a group that nobody is in becomes one of the other
 * kind when the first member of that kind comes.
 */
export class GroupShard implements Machine<GroupRecord, GroupNote, GroupEvent, GroupWorld> {
  readonly offsets = new OffsetTable()
  readonly #groups = new Map<string, Group>()

  group(groupId: string): Group | undefined {
    return this.#groups.get(groupId)
  }

  /** All groups, in no order that means anything. */
  groups(): IterableIterator<Group> {
    return this.#groups.values()
  }

  /** @throws KafkaError to refuse the event as a whole. */
  decide(event: GroupEvent, ticket: Ticket, world: GroupWorld): readonly GroupEffect[] {
    switch (event.type) {
      case 'join-group':
        return this.#decideJoin(event, ticket, world)
      case 'sync-group':
      case 'heartbeat':
      case 'leave-group':
        return this.#decideClassicRequest(event, ticket, world)
      case 'consumer-group-heartbeat':
        return this.#decideConsumerHeartbeat(event, ticket, world)
      case 'offset-commit':
        return decideOffsetCommit(this.group(event.request.groupId), event, ticket, world)
      case 'txn-offset-commit':
        return decideTxnOffsetCommit(this.group(event.request.groupId), event, ticket, world)
      case 'offset-delete':
        return decideOffsetDelete(this, event, ticket)
      case 'delete-group':
        return decideDeleteGroup(this, event, ticket)
      case 'expire':
        return decideExpire(this, event, world)
      case 'topics-changed':
        return decideTopicsChanged(this, event, world)
      default:
        return this.#decideTime(event, ticket, world)
    }
  }

  apply(record: GroupRecord, offset: number, producer: ProducerOfRecord | undefined): void {
    switch (record.type) {
      case 'offset':
        this.#applyOffset(record, offset, producer)
        return
      case 'classic-group': {
        const { group: groupId } = record.key
        this.#put(groupId, applyClassic(this.#classic(groupId), record))
        return
      }
      default:
        this.#applyConsumer(record)
    }
  }

  note({ group }: GroupNote): void {
    const isDead = group.type === 'classic' && group.phase === 'dead'
    this.#put(group.groupId, isDead ? undefined : group)
  }

  endTransaction({ producerId }: ProducerOfRecord, isCommitted: boolean): void {
    this.offsets.endTransaction(producerId, isCommitted)
  }

  encode(record: GroupRecord): StoredRecord {
    return encodeGroupRecord(record)
  }

  decode(stored: StoredRecord): GroupRecord | undefined {
    return decodeGroupRecord(stored)
  }

  loaded(world: GroupWorld): readonly GroupEffect[] {
    const effects: GroupEffect[] = [expireLater(world), ...formerTopics(this, world)]
    for (const group of this.groups()) {
      effects.push(
        ...(group.type === 'classic' ? classicLoaded(group, world) : consumerLoaded(group, world)),
      )
    }
    return effects
  }

  #decideJoin(event: JoinGroupEvent, ticket: Ticket, world: GroupWorld): readonly GroupEffect[] {
    const group = this.group(event.request.groupId)
    if (group?.type !== 'consumer') return decideClassic(group, event, ticket, world)
    if (!isEmptyGroup(group)) return decideClassicMember(group, event, ticket, world)
    const effects = decideClassic(undefined, event, ticket, world)
    // Who is refused founds no group, and this one stays.
    const isFounded = effects.some(({ type }) => type === 'append')
    return isFounded ? [...endOf(group), ...effects] : effects
  }

  #decideClassicRequest(
    event: SyncGroupEvent | HeartbeatEvent | LeaveGroupEvent,
    ticket: Ticket,
    world: GroupWorld,
  ): readonly GroupEffect[] {
    const group = this.group(event.request.groupId)
    return group?.type === 'consumer'
      ? decideClassicMember(group, event, ticket, world)
      : decideClassic(group, event, ticket, world)
  }

  #decideConsumerHeartbeat(
    event: ConsumerHeartbeatEvent,
    ticket: Ticket,
    world: GroupWorld,
  ): readonly GroupEffect[] {
    const group = this.group(event.request.groupId)
    return group?.type === 'classic'
      ? decideUpgrade(group, event, ticket, world)
      : decideConsumer(group, event, ticket, world)
  }

  /** Events of timers that were set for a group of the other kind mean nothing any more. */
  #decideTime(
    event: ClassicTimeEvent | ConsumerTimeEvent,
    ticket: Ticket,
    world: GroupWorld,
  ): readonly GroupEffect[] {
    const group = this.group(event.groupId)
    switch (event.type) {
      case 'classic-session-expired':
      case 'classic-pending-expired':
      case 'classic-initial-delay-over':
      case 'classic-join-over':
      case 'classic-sync-over':
        return group?.type === 'classic' ? decideClassic(group, event, ticket, world) : []
      default:
        return group?.type === 'consumer' ? decideConsumer(group, event, ticket, world) : []
    }
  }

  /** Offsets of a group that nobody knows make it known: a simple one, which is in no record. */
  #applyOffset(record: OffsetRecord, at: number, producer: ProducerOfRecord | undefined): void {
    const { key, value } = record
    this.offsets.apply(record, at, producer)
    if (value === null || this.#groups.has(key.group)) return
    this.#groups.set(key.group, emptyClassicGroup(key.group, value.commitTimestamp))
  }

  /** A tombstone for a group that is not of this kind any more says nothing about it. */
  #applyConsumer(record: ConsumerGroupRecord): void {
    const { groupId } = record.key
    const group = this.group(groupId)
    if (group?.type === 'classic' && record.value === null) return
    this.#put(groupId, applyConsumer(this.#consumer(groupId), record))
  }

  #put(groupId: string, group: Group | undefined): void {
    if (group === undefined) this.#groups.delete(groupId)
    else this.#groups.set(groupId, group)
  }

  #classic(groupId: string): ClassicGroup | undefined {
    const group = this.group(groupId)
    return group?.type === 'classic' ? group : undefined
  }

  #consumer(groupId: string): ConsumerGroup | undefined {
    const group = this.group(groupId)
    return group?.type === 'consumer' ? group : undefined
  }
}

function endOf(group: Group): readonly GroupEffect[] {
  return tombstonesOf(group).map((record) => ({ type: 'append', record }))
}
