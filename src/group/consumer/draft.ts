import type { ConsumerGroupRecord } from '../records.ts'
import type { GroupEffect, GroupWorld } from '../world.ts'
import { applyToGroup } from './apply.ts'
import type { ConsumerGroup } from './group.ts'

/**
 * A decision while it is made: the effects so far, and the group as it will be when they have been
 * carried out. Each step reads the group that the steps before it left, and appends. Whoever throws
 * drops the draft, and nothing has happened.
 */
export class Draft {
  /** The group as the event found it. */
  readonly before: ConsumerGroup
  readonly world: GroupWorld
  readonly #effects: GroupEffect[] = []
  #group: ConsumerGroup

  constructor(group: ConsumerGroup, world: GroupWorld) {
    this.before = group
    this.world = world
    this.#group = group
  }

  get group(): ConsumerGroup {
    return this.#group
  }

  get effects(): readonly GroupEffect[] {
    return this.#effects
  }

  /** @param record of this group, and not the tombstone that ends it. */
  append(record: ConsumerGroupRecord): void {
    this.#group = applyToGroup(this.#group, record)
    this.#effects.push({ type: 'append', record })
  }

  /** Remembers whether the metadata of the subscribed topics must be looked at; no record tells it. */
  setMetadataStale(isMetadataStale: boolean): void {
    if (this.#group.isMetadataStale === isMetadataStale) return
    this.#group = { ...this.#group, isMetadataStale }
    this.#effects.push({ type: 'note', note: { group: this.#group } })
  }

  /** Adds what changes no group: timers, answers. */
  push(...effects: readonly GroupEffect[]): void {
    this.#effects.push(...effects)
  }
}
