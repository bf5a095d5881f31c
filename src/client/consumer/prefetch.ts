import type { Assigned, Assignment } from './assignment.ts'
import type { FetchedRecords } from './fetched-records.ts'
import { isReadable, positionOf } from './position.ts'

/** Where the next fetch of a partition begins. */
export interface FetchFrom {
  readonly offset: number
  readonly offsetEpoch: number
}

/**
 * Records that were fetched and not given out yet, per partition a chain that begins at the position.
 * A seek breaks the chain, and it is dropped; a pause leaves it. Partitions take turns.
 */
export class Prefetch {
  readonly #assignment: Assignment
  /** In the order of their turns; no chain is empty. */
  readonly #chains = new Map<Assigned, FetchedRecords[]>()

  constructor(assignment: Assignment) {
    this.#assignment = assignment
  }

  get sizeBytes(): number {
    let sum = 0
    for (const assigned of this.#chains.keys()) sum += this.sizeOf(assigned)
    return sum
  }

  /** Bytes that wait of one partition. */
  sizeOf(assigned: Assigned): number {
    let sum = 0
    for (const { sizeBytes } of this.#chains.get(assigned) ?? []) sum += sizeBytes
    return sum
  }

  /** Behind what is here. @returns undefined when the partition has no position. */
  fetchFrom(assigned: Assigned): FetchFrom | undefined {
    const position = positionOf(assigned.state)
    if (position === undefined) return undefined
    const last = this.#chains.get(assigned)?.at(-1)
    if (last === undefined) return position
    return { offset: last.endOffset, offsetEpoch: last.endEpoch }
  }

  /** Puts what a fetch brought behind the rest. @returns false, taking nothing, when its place is not
   *  there any more. */
  add(assigned: Assigned, fetched: FetchedRecords): boolean {
    this.#dropBroken()
    const isNext = this.fetchFrom(assigned)?.offset === fetched.nextOffset
    if (!this.#assignment.has(assigned) || !isNext) return false
    if (fetched.isDone) return true
    const chain = this.#chains.get(assigned)
    if (chain === undefined) this.#chains.set(assigned, [fetched])
    else chain.push(fetched)
    return true
  }

  /** The partition whose turn it is among those that may be read, and its next records. */
  next(): { readonly assigned: Assigned; readonly fetched: FetchedRecords } | undefined {
    this.#dropBroken()
    for (const [assigned, chain] of this.#chains) {
      const [fetched] = chain
      if (fetched === undefined || !isReadable(assigned.state)) continue
      this.#chains.delete(assigned)
      this.#chains.set(assigned, chain)
      return { assigned, fetched }
    }
    return undefined
  }

  /** Lets go of what has been taken whole, and of what no position leads to any more. */
  #dropBroken(): void {
    for (const [assigned, chain] of this.#chains) {
      while (chain[0]?.isDone === true) chain.shift()
      const offset = positionOf(assigned.state)?.offset
      const isBroken = !this.#assignment.has(assigned) || chain[0]?.nextOffset !== offset
      if (isBroken) this.#chains.delete(assigned)
    }
  }
}
