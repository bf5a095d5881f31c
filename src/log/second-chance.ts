/** Something that holds a resource which can be had again: an open file, a loaded index. */
export interface Evictable {
  /** Set by its owner at each use after the first, cleared when it is passed over once. */
  isRecent: boolean
  /** In use at this moment: not to be evicted. */
  readonly isPinned: boolean
  /** Gives the resource up. */
  evict(): void
}

/**
 * Keeps the total cost of its members below a budget by evicting those that have not been used for
 * longest. Second chance instead of strict order: a use costs one assignment. What is pinned stays,
 * so the budget is exceeded while everything is in use.
 */
export class SecondChance<Member extends Evictable> {
  readonly budget: number
  /** Cost of each member, oldest first. */
  readonly #costs = new Map<Member, number>()
  #total = 0

  constructor(budget: number) {
    this.budget = budget
  }

  get total(): number {
    return this.#total
  }

  get size(): number {
    return this.#costs.size
  }

  /** Takes a member in, and evicts others until the budget is met again. */
  admit(member: Member, cost: number): void {
    this.remove(member)
    this.#costs.set(member, cost)
    this.#total += cost
    for (let looks = 2 * this.#costs.size; looks > 0 && this.#total > this.budget; looks--) {
      const candidate = this.#costs.keys().next().value!
      if (candidate !== member && !candidate.isPinned && !candidate.isRecent) {
        this.remove(candidate)
        candidate.evict()
      } else {
        candidate.isRecent = false
        this.#moveToEnd(candidate)
      }
    }
  }

  /** Forgets a member that gave its resource up by itself. */
  remove(member: Member): void {
    const cost = this.#costs.get(member)
    if (cost === undefined) return
    this.#costs.delete(member)
    this.#total -= cost
  }

  #moveToEnd(member: Member): void {
    const cost = this.#costs.get(member)!
    this.#costs.delete(member)
    this.#costs.set(member, cost)
  }
}
