import { ASSIGNED, type PartitionState, sought } from './position.ts'
import { nameOf, type TopicPartition } from './topic-partition.ts'

/** One assigned partition. It changes only through `Assignment.update`. */
export interface Assigned extends TopicPartition {
  readonly name: string
  readonly state: PartitionState
}

interface Mutable extends Assigned {
  state: PartitionState
}

/**
 * The partitions that a consumer reads now, and where. What holds on to a partition while it waits
 * (a fetch, a look-up) must ask `has` with the same object afterwards: a partition that was taken
 * away and given back is another one, and what was on its way for the old one is void.
 */
export class Assignment implements Iterable<Assigned> {
  readonly #byName = new Map<string, Mutable>()
  readonly #onChange: () => void

  /** @param onChange told after every change of any state or of the set. */
  constructor(onChange: () => void = () => {}) {
    this.#onChange = onChange
  }

  get size(): number {
    return this.#byName.size
  }

  [Symbol.iterator](): Iterator<Assigned> {
    return this.#byName.values()
  }

  /** Makes `partitions` the assigned ones. Those that stay keep their state, with a paused flag. */
  replace(partitions: Iterable<TopicPartition>): void {
    const wanted = new Map<string, TopicPartition>()
    for (const one of partitions) wanted.set(nameOf(one), one)
    for (const name of this.#byName.keys()) if (!wanted.has(name)) this.#byName.delete(name)
    for (const [name, { topic, partition }] of wanted) {
      if (!this.#byName.has(name)) {
        this.#byName.set(name, { topic, partition, name, state: ASSIGNED })
      }
    }
    this.#onChange()
  }

  get(partition: TopicPartition): Assigned | undefined {
    return this.#byName.get(nameOf(partition))
  }

  /** Whether it is still the same assignment of that partition. */
  has(assigned: Assigned): boolean {
    return this.#byName.get(assigned.name) === assigned
  }

  /** @throws RangeError for a partition that is not assigned. */
  require(partition: TopicPartition): Assigned {
    const found = this.get(partition)
    if (found !== undefined) return found
    throw new RangeError(`${nameOf(partition)} is not assigned to this consumer`)
  }

  /** Puts `change` of its state in the place of it; nothing when the assignment is over. */
  update(assigned: Assigned, change: (state: PartitionState) => PartitionState): void {
    const one = this.#byName.get(assigned.name)
    if (one === undefined || one !== assigned) return
    const next = change(one.state)
    if (next === one.state) return
    one.state = next
    this.#onChange()
  }

  /**
   * Goes on at `offset` with the next record that is given out.
   * @throws RangeError for a negative offset, or for a partition that is not assigned.
   */
  seek(partition: TopicPartition, offset: number, leaderEpoch?: number): void {
    if (!Number.isSafeInteger(offset) || offset < 0) {
      throw new RangeError(`${nameOf(partition)}: cannot seek to ${offset}, below 0 or no integer`)
    }
    this.update(this.require(partition), (state) => sought(state, offset, leaderEpoch))
  }

  /** Gives out nothing of it until `resume`; what is already here stays. */
  pause(partition: TopicPartition): void {
    this.update(this.require(partition), (state) => ({ ...state, isPaused: true }))
  }

  resume(partition: TopicPartition): void {
    this.update(this.require(partition), (state) => ({ ...state, isPaused: false }))
  }
}
