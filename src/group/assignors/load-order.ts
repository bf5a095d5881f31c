/** How many partitions each member has by now, by the member's index. */
export type Loads = number[]

/**
 * The subscribers of one topic by how much they have of everything, while partitions of that topic go
 * from those with most to those with least. The ends are walked in rounds: all members with the least
 * load in turn, then all with one more, which the first have by then as well; the same from above.
 * Every partition handed out must go to the member that was asked for.
 */
export class LoadOrder {
  readonly #loads: Loads
  #members: number[] = []
  /** Members before `#lightEnd` have `#lightLoad` partitions; the next to get one is `#light`. */
  #light = 0
  #lightEnd = 0
  #lightLoad = -1
  /** Members from `#heavyStart` on have `#heavyLoad`; the next to give one is `#heavy`. From `#heavyEnd`
   *  on they have nothing to give. */
  #heavy = -1
  #heavyStart = 0
  #heavyEnd = 0
  #heavyLoad = 1

  constructor(loads: Loads) {
    this.#loads = loads
  }

  /** Starts with other members. @returns how far apart the most and the least loaded are. */
  start(members: readonly number[]): number {
    this.#members = members.toSorted((a, b) => this.#loads[a]! - this.#loads[b]! || a - b)
    const count = members.length
    const least = this.#loadAt(0)
    const most = this.#loadAt(count - 1)
    this.#light = 0
    this.#lightEnd = 0
    this.#lightLoad = least - 1
    this.#heavy = count - 1
    this.#heavyStart = count
    this.#heavyEnd = count
    this.#heavyLoad = most + 1
    return most - least
  }

  /** The member to get a partition. */
  nextLight(): number {
    if (this.#light >= this.#lightEnd) {
      this.#lightLoad += 1
      while (this.#loadAt(this.#lightEnd) === this.#lightLoad) this.#lightEnd += 1
      this.#light = 0
    }
    return this.#members[this.#light++]!
  }

  /** The member to give a partition; undefined when none is left that could. */
  nextHeavy(): number | undefined {
    if (this.#heavy < this.#heavyStart) {
      const isUsedUp = this.#heavyEnd <= this.#heavyStart && this.#heavyStart > 0
      this.#heavyLoad = isUsedUp ? this.#loadAt(this.#heavyStart - 1) : this.#heavyLoad - 1
      while (this.#loadAt(this.#heavyStart - 1) === this.#heavyLoad) this.#heavyStart -= 1
      this.#heavy = this.#heavyEnd - 1
    }
    return this.#heavy < 0 ? undefined : this.#members[this.#heavy--]
  }

  /** Leaves out the member that `nextHeavy` just gave: it has nothing to give. */
  excludeHeavy(): void {
    const index = this.#heavy + 1
    this.#heavyEnd -= 1
    const excluded = this.#members[index]!
    this.#members[index] = this.#members[this.#heavyEnd]!
    this.#members[this.#heavyEnd] = excluded
  }

  /** Whether nobody would gain by a move. */
  get isBalanced(): boolean {
    return this.#heavyLoad - this.#lightLoad <= 1
  }

  /** Beyond either end nothing that equals any load. */
  #loadAt(index: number): number {
    return this.#loads[this.#members[index] ?? -1] ?? Number.NaN
  }
}
