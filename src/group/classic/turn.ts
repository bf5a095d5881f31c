import type { Ticket } from '../../coordinator/machine.ts'
import type { GroupAnswers, GroupEvent } from '../events.ts'
import type { ClassicGroupRecord } from '../records.ts'
import type { GroupEffect, GroupWorld } from '../world.ts'
import type { ClassicGroup } from './group.ts'

/**
 * One decision about one group while it is made: the group as decided so far, and what comes of it.
 * The steps of a decision (a member goes, a rebalance begins, and it is over at once, because nobody
 * else is there) are functions that take the turn further.
 */
export class Turn {
  readonly world: GroupWorld
  group: ClassicGroup
  readonly #before: ClassicGroup
  readonly #records: ClassicGroupRecord[] = []
  readonly #outcome: GroupEffect[] = []

  constructor(group: ClassicGroup, world: GroupWorld) {
    this.world = world
    this.group = group
    this.#before = group
  }

  change(changes: Partial<ClassicGroup>): void {
    this.group = { ...this.group, ...changes }
  }

  enter(phase: ClassicGroup['phase']): void {
    this.change({ phase, phaseSinceMs: this.world.nowMs })
  }

  write(record: ClassicGroupRecord): void {
    this.#records.push(record)
  }

  /** @param _request what the caller asked, which says what an answer looks like. */
  reply<T extends 'join-group' | 'sync-group' | 'heartbeat' | 'leave-group'>(
    _request: T,
    ticket: Ticket,
    answer: GroupAnswers[T],
  ): void {
    this.#outcome.push({ type: 'reply', to: ticket, answer })
  }

  /** Decides `event` after `delayMs`, in place of what was to be decided under this key. */
  schedule(key: string, delayMs: number, event: GroupEvent): void {
    const dueMs = this.world.monotonicMs + delayMs
    this.#outcome.push({ type: 'timer', key, dueMs, event })
  }

  cancel(key: string): void {
    this.#outcome.push({ type: 'cancel-timer', key })
  }

  /**
   * What the decision brings about. Records come first, since to apply one makes a group that knows
   * only what records tell; the note after them puts the rest back.
   */
  effects(): readonly GroupEffect[] {
    const effects: GroupEffect[] = this.#records.map((record) => ({ type: 'append', record }))
    if (this.group !== this.#before) effects.push({ type: 'note', note: { group: this.group } })
    effects.push(...this.#outcome)
    return effects
  }
}
