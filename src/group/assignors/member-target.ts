import { intHash, JavaHashSet, uuidHash } from './java-hash.ts'

type Stored = ReadonlyMap<string, readonly number[]>

/**
 * What one member is to have, while an assignor works on it. Topics and partitions come in the order
 * of the Java collections that Kafka keeps them in: of what was read from the log at first, and of a
 * copy of that from the first change on.
 */
export class MemberTarget {
  #topics: JavaHashSet<string>
  readonly #partitions = new Map<string, JavaHashSet<number>>()
  #isChanged = false

  /** @param stored in the order in which the record has it. */
  constructor(stored: Stored) {
    this.#topics = new JavaHashSet(uuidHash)
    for (const [topicId, partitions] of stored) {
      this.#topics.add(topicId)
      this.#partitions.set(topicId, JavaHashSet.of(intHash, partitions, partitions.length))
    }
  }

  /** A copy of what it has, which may be walked while this changes. */
  now(): readonly (readonly [topicId: string, partitions: readonly number[]])[] {
    return [...this.#topics].map((id) => [id, [...this.#partitions.get(id)!]] as const)
  }

  /** @param expected how many partitions of the topic it is likely to get: sizes a new table. */
  add(topicId: string, partition: number, expected?: number): void {
    this.#change()
    const partitions = this.#partitions.get(topicId) ?? new JavaHashSet<number>(intHash, expected)
    this.#partitions.set(topicId, partitions)
    this.#topics.addFirst(topicId)
    partitions.add(partition)
  }

  remove(topicId: string, partition: number): void {
    this.#change()
    const partitions = this.#partitions.get(topicId)
    partitions?.delete(partition)
    if (partitions?.size === 0) this.removeTopic(topicId)
  }

  removeTopic(topicId: string): void {
    this.#change()
    this.#topics.delete(topicId)
    this.#partitions.delete(topicId)
  }

  result(): Stored {
    return new Map(this.now())
  }

  /** Kafka copies before it changes: the copy's tables have other sizes, hence another order. */
  #change(): void {
    if (this.#isChanged) return
    this.#isChanged = true
    const topics = new JavaHashSet(uuidHash, this.#topics.size)
    for (const topicId of this.#topics) {
      topics.add(topicId)
      const partitions = this.#partitions.get(topicId)!
      this.#partitions.set(topicId, JavaHashSet.of(intHash, partitions, partitions.size))
    }
    this.#topics = topics
  }
}
