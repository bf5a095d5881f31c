/** One classic group and what a coordinator does around it, without a log: effects are carried out at
 *  once, time stands still until it is moved. */

import { type BrokerConfig, brokerConfig } from '../../config/broker.ts'
import { groupConfig } from '../../config/group.ts'
import { NO_TICKET, type Ticket } from '../../coordinator/machine.ts'
import { EMPTY_IMAGE } from '../../metadata/image.ts'
import type { GroupAnswers, GroupEvent, JoinGroupEvent, SyncGroupEvent } from '../events.ts'
import type { ClassicGroupRecord } from '../records.ts'
import type { GroupEffect, GroupWorld } from '../world.ts'
import { applyClassic } from './apply.ts'
import { type ClassicEvent, decideClassic } from './decide.ts'
import { type ClassicGroup, emptyClassicGroup } from './group.ts'
import { classicLoaded } from './loaded.ts'

export const GROUP = 'orders'
export const RECENT = { join: 9, sync: 5, heartbeat: 4, leave: 5 } as const

/** Broker settings that differ from Kafka's defaults. */
export type Settings = Partial<BrokerConfig>

export type JoinAnswer = GroupAnswers['join-group']
export type SyncAnswer = GroupAnswers['sync-group']
export type LeaveAnswer = GroupAnswers['leave-group']

const { values: defaults } = brokerConfig.parse({})
const { values: groupDefaults } = groupConfig.parse({})

export function worldAt(nowMs: number, settings: Settings = {}): GroupWorld {
  const broker = { ...defaults, ...settings }
  return { nowMs, monotonicMs: nowMs, image: EMPTY_IMAGE, broker, groupConfig: () => groupDefaults }
}

/** The shape of a JoinGroup that a test cares about. */
export interface JoinOptions {
  readonly version?: number
  readonly memberId?: string
  readonly instanceId?: string | null
  readonly clientId?: string
  readonly protocolType?: string
  /** Names with what the member says under each. */
  readonly protocols?: Readonly<Record<string, string>>
  readonly sessionTimeoutMs?: number
  readonly rebalanceTimeoutMs?: number
}

export const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString()

interface Leaver {
  readonly memberId: string
  readonly groupInstanceId?: string | null
}

interface Timer {
  readonly dueMs: number
  readonly event: GroupEvent
}

/** How a group decides; a planted bug is put around it. */
export type Decide = typeof decideClassic

export class TestCoordinator {
  group: ClassicGroup | undefined
  nowMs = 1_000_000
  /** Made once: a walk asks for its world a great many times. */
  #still: GroupWorld
  readonly records: ClassicGroupRecord[] = []
  readonly timers = new Map<string, Timer>()
  /** In the order in which they were given. */
  readonly answers = new Map<Ticket, object>()
  readonly #decide: Decide
  #tickets = 0
  #freshIds = 0

  constructor(settings: Settings = {}, decide: Decide = decideClassic) {
    this.#still = worldAt(this.nowMs, settings)
    this.#decide = decide
  }

  get world(): GroupWorld {
    return { ...this.#still, nowMs: this.nowMs, monotonicMs: this.nowMs }
  }

  configure(settings: Settings): void {
    this.#still = { ...this.#still, broker: { ...this.#still.broker, ...settings } }
  }

  /** @returns the ticket, whose answer may come later. @throws KafkaError as the group does. */
  submit(event: ClassicEvent): Ticket {
    this.#tickets += 1
    this.carryOut(this.#decide(this.group, event, this.#tickets, this.world))
    return this.#tickets
  }

  join(options: JoinOptions = {}): Ticket {
    return this.submit(this.joinEvent(options))
  }

  /** Joins as clients do: again with the id that it is given. @returns the ticket and that id. */
  enter(options: JoinOptions = {}): { readonly memberId: string; readonly ticket: Ticket } {
    const first = this.join(options)
    const { memberId } = this.answer<JoinAnswer>(first)!
    return { memberId, ticket: this.join({ ...options, memberId }) }
  }

  joinEvent(options: JoinOptions): JoinGroupEvent {
    const { clientId = 'client', version = RECENT.join } = options
    this.#freshIds += 1
    const fresh = Buffer.alloc(16)
    fresh.writeUInt32BE(this.#freshIds, 12)
    return {
      type: 'join-group',
      freshId: fresh.toString('base64url'),
      caller: { apiVersion: version, clientId, clientHost: '/127.0.0.1' },
      request: {
        groupId: GROUP,
        sessionTimeoutMs: options.sessionTimeoutMs ?? 10_000,
        rebalanceTimeoutMs: options.rebalanceTimeoutMs ?? 60_000,
        memberId: options.memberId ?? '',
        groupInstanceId: options.instanceId ?? null,
        protocolType: options.protocolType ?? 'consumer',
        protocols: Object.entries(options.protocols ?? { range: 'topics' }).map(
          ([name, metadata]) => ({ name, metadata: Buffer.from(metadata) }),
        ),
        reason: null,
      },
    }
  }

  /** @param assignments what the leader gives, by member id. */
  sync(
    memberId: string,
    generationId: number,
    assignments: Readonly<Record<string, string>> = {},
    more: Partial<SyncGroupEvent['request']> = {},
  ): Ticket {
    return this.submit({
      type: 'sync-group',
      caller: { apiVersion: RECENT.sync, clientId: 'client', clientHost: '/127.0.0.1' },
      request: {
        groupId: GROUP,
        memberId,
        generationId,
        groupInstanceId: null,
        protocolType: null,
        protocolName: null,
        assignments: Object.entries(assignments).map(([id, assignment]) => ({
          memberId: id,
          assignment: Buffer.from(assignment),
        })),
        ...more,
      },
    })
  }

  sendHeartbeat(
    memberId: string,
    generationId: number,
    groupInstanceId: string | null = null,
  ): Ticket {
    return this.submit({
      type: 'heartbeat',
      caller: { apiVersion: RECENT.heartbeat, clientId: 'client', clientHost: '/127.0.0.1' },
      request: { groupId: GROUP, memberId, generationId, groupInstanceId },
    })
  }

  /** @returns the code that it is answered. */
  heartbeat(memberId: string, generationId: number, groupInstanceId: string | null = null): number {
    const ticket = this.sendHeartbeat(memberId, generationId, groupInstanceId)
    return this.answer<GroupAnswers['heartbeat']>(ticket)!.errorCode
  }

  sendLeave(members: readonly Leaver[]): Ticket {
    return this.submit({
      type: 'leave-group',
      caller: { apiVersion: RECENT.leave, clientId: 'client', clientHost: '/127.0.0.1' },
      request: {
        groupId: GROUP,
        memberId: '',
        members: members.map((member) => ({ groupInstanceId: null, reason: null, ...member })),
      },
    })
  }

  leave(members: readonly Leaver[]): LeaveAnswer {
    return this.answer<LeaveAnswer>(this.sendLeave(members))!
  }

  /** undefined while it waits. The caller knows what it asked. */
  answer<T extends object>(ticket: Ticket): T | undefined {
    return this.answers.get(ticket) as T | undefined
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
      // Timers of a classic group carry its own events only.
      this.carryOut(this.#decide(this.group, event as ClassicEvent, NO_TICKET, this.world))
    }
    this.nowMs = endMs
  }

  /** The coordinator dies, and another reads the records. Whoever waits is not answered here. */
  reload(): void {
    this.timers.clear()
    this.group = this.records.reduce<ClassicGroup | undefined>(applyClassic, undefined)
    if (this.group !== undefined) this.carryOut(classicLoaded(this.group, this.world))
  }

  carryOut(effects: readonly GroupEffect[]): void {
    for (const effect of effects) {
      switch (effect.type) {
        case 'append':
          this.#append(effect.record as ClassicGroupRecord)
          break
        case 'note':
          this.group = effect.note.group as ClassicGroup
          break
        case 'reply':
          this.reply(effect.to, effect.answer)
          break
        case 'refuse':
          throw effect.error
        case 'timer':
          this.timers.set(effect.key, effect)
          break
        case 'cancel-timer':
          this.timers.delete(effect.key)
      }
    }
  }

  protected reply(to: Ticket, answer: object): void {
    if (this.answers.has(to)) throw new Error(`ticket ${to} is answered twice`)
    this.answers.set(to, answer)
  }

  #append(record: ClassicGroupRecord): void {
    this.records.push(record)
    this.group = applyClassic(this.group, record)
  }
}

/** A group of as many members as there are clients, which has just become stable. */
export function stableGroup(
  clients: readonly JoinOptions[],
  settings: Settings = {},
): { readonly coordinator: TestCoordinator; readonly memberIds: readonly string[] } {
  const coordinator = new TestCoordinator(settings)
  const tickets = clients.map((client) =>
    client.instanceId === undefined ? coordinator.enter(client).ticket : coordinator.join(client),
  )
  while (coordinator.group?.phase === 'preparing-rebalance') coordinator.advance(1000)
  const memberIds = tickets.map((ticket) => coordinator.answer<JoinAnswer>(ticket)!.memberId)
  settle(coordinator)
  return { coordinator, memberIds }
}

/** All members sync, the leader giving each the text `part of <member id>`. */
export function settle(coordinator: TestCoordinator): void {
  const { members, leaderId, generation } = coordinator.group ?? emptyClassicGroup(GROUP, 0)
  const parts = Object.fromEntries([...members.keys()].map((id) => [id, `part of ${id}`]))
  for (const { memberId, instanceId } of members.values()) {
    coordinator.sync(memberId, generation, memberId === leaderId ? parts : {}, {
      groupInstanceId: instanceId,
    })
  }
}
