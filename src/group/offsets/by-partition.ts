/** What one table knows of one partition of a topic. */
export interface OfPartition {
  readonly partition: number
}

/**
 * Values by group, topic and partition. The partitions of a topic are a sorted array: for the usual
 * few that is a fraction of what a map would cost, and for thousands a search takes a dozen steps.
 * Consumers commit in order, so new ones come at the end.
 */
export class ByPartition<V extends OfPartition> {
  readonly #groups = new Map<string, Map<string, V[]>>()
  #size = 0

  /** Values of all groups together. */
  get size(): number {
    return this.#size
  }

  get(groupId: string, topic: string, partition: number): V | undefined {
    const values = this.#groups.get(groupId)?.get(topic)
    if (values === undefined) return undefined
    const found = values[positionOf(values, partition)]
    return found?.partition === partition ? found : undefined
  }

  /** Takes the place of the value of its partition. */
  put(groupId: string, topic: string, value: V): void {
    this.update(groupId, topic, value.partition, () => value)
  }

  /** As `put`, by one look-up. @param next of the partition, given what is there. */
  update(
    groupId: string,
    topic: string,
    partition: number,
    next: (before: V | undefined) => V,
  ): void {
    const topics = this.#topicsOf(groupId)
    const values = topics.get(topic)
    if (values === undefined) {
      // A literal has room for one, where `push` makes room for 17.
      topics.set(topic, [next(undefined)])
      this.#size++
      return
    }
    const at = positionOf(values, partition)
    const before = values[at]
    if (before?.partition === partition) {
      values[at] = next(before)
      return
    }
    if (at === values.length) values.push(next(undefined))
    else values.splice(at, 0, next(undefined))
    this.#size++
  }

  /** @returns whether there was one. */
  delete(groupId: string, topic: string, partition: number): boolean {
    const topics = this.#groups.get(groupId)
    const values = topics?.get(topic)
    if (topics === undefined || values === undefined) return false
    const at = positionOf(values, partition)
    if (values[at]?.partition !== partition) return false
    values.splice(at, 1)
    this.#size--
    if (values.length === 0) topics.delete(topic)
    if (topics.size === 0) this.#groups.delete(groupId)
    return true
  }

  hasGroup(groupId: string): boolean {
    return this.#groups.has(groupId)
  }

  /** What a group has, by topic, each in the order of the partitions. The live arrays. */
  topicsOf(groupId: string): ReadonlyMap<string, readonly V[]> {
    return this.#groups.get(groupId) ?? NO_TOPICS
  }

  groupIds(): IterableIterator<string> {
    return this.#groups.keys()
  }

  #topicsOf(groupId: string): Map<string, V[]> {
    let topics = this.#groups.get(groupId)
    if (topics === undefined) {
      topics = new Map()
      this.#groups.set(groupId, topics)
    }
    return topics
  }
}

const NO_TOPICS: ReadonlyMap<string, never[]> = new Map()

/** Where a partition is, or would be, in a sorted array. */
function positionOf(values: readonly OfPartition[], partition: number): number {
  let to = values.length
  if (to === 0 || values[to - 1]!.partition < partition) return to
  let from = 0
  while (from < to) {
    const middle = (from + to) >>> 1
    if (values[middle]!.partition < partition) from = middle + 1
    else to = middle
  }
  return from
}
