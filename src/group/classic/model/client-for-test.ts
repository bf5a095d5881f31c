/** What a consumer does to be in a group, as Kafka's own client does it. */

import type { Ticket } from '../../../coordinator/machine.ts'
import { type ErrorName, errorName } from '../../../protocol/errors.ts'
import type { JoinAnswer, SyncAnswer } from '../coordinator-for-test.ts'
import type { ModelCoordinator } from './coordinator-for-test.ts'

export const SESSION_TIMEOUT_MS = 10_000
export const REBALANCE_TIMEOUT_MS = 15_000
const HEARTBEAT_INTERVAL_MS = 3000
/** What there is to consume. */
const PARTITIONS = Array.from({ length: 7 }, (_, index) => index)

/** What a leader gives a member. */
export interface Part {
  readonly generation: number
  readonly partitions: readonly number[]
}

type State =
  | { readonly type: 'out' }
  | { readonly type: 'joining'; readonly ticket: Ticket }
  /** Knows its generation and has not asked for its part. */
  | { readonly type: 'joined'; readonly answer: JoinAnswer }
  | { readonly type: 'syncing'; readonly ticket: Ticket }
  | { readonly type: 'in'; readonly part: Part }
  /** Crashed, left, or told for good that it may not be in the group. */
  | { readonly type: 'gone' }

/** What kind of client it is. */
export interface ClientOptions {
  readonly name: string
  readonly instanceId: string | null
  /** Of JoinGroup. */
  readonly version: number
  /** By preference. */
  readonly protocols: readonly string[]
}

/** Told of what clients learn. */
export interface Observer {
  joined(client: ModelClient, answer: JoinAnswer, ticket: Ticket): void
  assigned(client: ModelClient, part: Part): void
}

export class ModelClient {
  readonly options: ClientOptions
  readonly #coordinator: ModelCoordinator
  readonly #observer: Observer
  memberId = ''
  generation = -1
  /** What it subscribes to: changes when its user wants other topics. */
  topics = 0
  /** Does nothing before, monotonic ms. */
  pausedUntilMs = 0
  /** Its user keeps it busy until then: it sends heartbeats and nothing else. */
  busyUntilMs = 0
  state: State = { type: 'out' }
  #heardMs = 0

  constructor(options: ClientOptions, coordinator: ModelCoordinator, observer: Observer) {
    this.options = options
    this.#coordinator = coordinator
    this.#observer = observer
  }

  /** Who it is for the others: the instance, or the member. */
  get identity(): string {
    return this.options.instanceId ?? this.memberId
  }

  get isPaused(): boolean {
    return this.pausedUntilMs > this.#coordinator.nowMs
  }

  get isBusy(): boolean {
    return this.busyUntilMs > this.#coordinator.nowMs
  }

  get isGone(): boolean {
    return this.state.type === 'gone'
  }

  /** Takes the next step, if it can. */
  act(): void {
    const { state } = this
    switch (state.type) {
      case 'gone':
        return
      case 'out':
        if (!this.isBusy) this.join()
        return
      case 'joining':
        this.#hearOfJoin(state.ticket)
        return
      case 'joined':
        if (this.isBusy) this.#heartbeat()
        else this.#sync(state.answer)
        return
      case 'syncing':
        this.#hearOfSync(this.#coordinator.answer<SyncAnswer>(state.ticket))
        return
      case 'in':
        this.#heartbeat()
    }
  }

  /** Joins, also when it has asked already and believes the answer lost. */
  join(): void {
    const { memberId, topics } = this
    const { instanceId, name, protocols, version } = this.options
    const ticket = this.#coordinator.join({
      memberId,
      instanceId,
      version,
      clientId: name,
      protocols: Object.fromEntries(protocols.map((protocol) => [protocol, `topics ${topics}`])),
      sessionTimeoutMs: SESSION_TIMEOUT_MS,
      rebalanceTimeoutMs: REBALANCE_TIMEOUT_MS,
    })
    this.state = { type: 'joining', ticket }
  }

  leave(): void {
    const { memberId } = this
    const { instanceId: groupInstanceId } = this.options
    if (memberId !== '') this.#coordinator.sendLeave([{ memberId, groupInstanceId }])
    this.state = { type: 'gone' }
  }

  crash(): void {
    this.state = { type: 'gone' }
  }

  #hearOfJoin(ticket: Ticket): void {
    const answer = this.#coordinator.answer<JoinAnswer>(ticket)
    if (answer === undefined) return
    const error = errorName(answer.errorCode)
    if (error === 'MEMBER_ID_REQUIRED') {
      this.memberId = answer.memberId
      this.join()
    } else if (error !== 'NONE') this.#refused(error)
    else {
      this.memberId = answer.memberId
      this.generation = answer.generationId ?? -1
      this.#observer.joined(this, answer, ticket)
      this.#heardMs = this.#coordinator.nowMs
      this.state = { type: 'joined', answer }
    }
  }

  #sync(answer: JoinAnswer): void {
    const ids = answer.members.map(({ memberId }) => memberId).sort()
    const parts = ids.map((memberId, index): [string, string] => {
      const partitions = PARTITIONS.filter((partition) => partition % ids.length === index)
      const part: Part = { generation: this.generation, partitions }
      return [memberId, JSON.stringify(part)]
    })
    const given = answer.skipAssignment ? {} : Object.fromEntries(parts)
    const ticket = this.#coordinator.sync(this.memberId, this.generation, given, {
      groupInstanceId: this.options.instanceId,
      protocolType: answer.protocolType ?? null,
      protocolName: answer.protocolName,
    })
    this.state = { type: 'syncing', ticket }
  }

  #hearOfSync(answer: SyncAnswer | undefined): void {
    if (answer === undefined) return
    const error = errorName(answer.errorCode)
    if (error !== 'NONE') {
      this.#refused(error)
      return
    }
    // Leaders of this model write parts, and no others.
    const part = JSON.parse(Buffer.from(answer.assignment).toString()) as Part
    this.state = { type: 'in', part }
    this.#heardMs = this.#coordinator.nowMs
    this.#observer.assigned(this, part)
  }

  #heartbeat(): void {
    const { nowMs } = this.#coordinator
    if (nowMs - this.#heardMs < HEARTBEAT_INTERVAL_MS) return
    const { memberId, generation, options } = this
    const ticket = this.#coordinator.sendHeartbeat(memberId, generation, options.instanceId)
    const answer = this.#coordinator.answer<{ errorCode: number }>(ticket)
    // One that waits for the log counts as lost: the next one comes with the next step.
    if (answer === undefined) return
    const error = errorName(answer.errorCode)
    this.#heardMs = nowMs
    if (error === 'NONE' || error === 'NOT_COORDINATOR') return
    if (error !== 'REBALANCE_IN_PROGRESS' || !this.isBusy) this.#refused(error)
  }

  #refused(error: ErrorName): void {
    if (error === 'FENCED_INSTANCE_ID' || error === 'GROUP_MAX_SIZE_REACHED') {
      this.state = { type: 'gone' }
      return
    }
    if (error === 'UNKNOWN_MEMBER_ID') this.memberId = ''
    this.generation = -1
    this.state = { type: 'out' }
  }
}
