/** How far a member is: what its adapter commits when its library keeps no account of that. */

import type { TakenRecord } from './member.ts'

export class Position {
  readonly #next = new Map<string, Map<number, number>>()

  /** Follows the records taken. */
  take(records: readonly TakenRecord[]): void {
    for (const { topic, partition, offset } of records) {
      const partitions = this.#next.get(topic) ?? new Map<number, number>()
      partitions.set(partition, offset + 1)
      this.#next.set(topic, partitions)
    }
  }

  forget(topic: string, partition: number): void {
    this.#next.get(topic)?.delete(partition)
  }

  /** The next offset of every partition of which something was taken. */
  all(): [topic: string, partition: number, offset: number][] {
    return [...this.#next].flatMap(([topic, partitions]) =>
      [...partitions].map(([partition, offset]): [string, number, number] => [
        topic,
        partition,
        offset,
      ]),
    )
  }
}
