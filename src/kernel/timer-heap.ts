import type { Timer } from './environment.ts'

/**
 * Timers ordered by when they are due, without a clock of their own: the real environment and the
 * simulated one both drive it. A binary heap; adding and taking cost log2(count) steps. Timers due
 * at the same time run in the order in which they were added.
 *
 * A cancelled timer stays in the heap as an empty slot. When more than half of the slots are empty
 * the heap is rebuilt, so that a million timers that are always cancelled (request time-outs) hold
 * no more memory than those that wait.
 */
export class TimerHeap {
  #slots: Slot[] = []
  #empty = 0
  #added = 0

  /** When the earliest timer is due; Infinity when there is none. */
  nextDueMs(): number {
    this.#dropEmptyTop()
    return this.#slots[0]?.dueMs ?? Number.POSITIVE_INFINITY
  }

  /** Timers that wait. */
  get size(): number {
    return this.#slots.length - this.#empty
  }

  /** Slots in use, those of cancelled timers included: what the heap costs in memory. */
  get slotCount(): number {
    return this.#slots.length
  }

  add(dueMs: number, run: () => void): Timer {
    const slot: Slot = { dueMs, order: this.#added++, run }
    this.#slots.push(slot)
    this.#rise(this.#slots.length - 1)
    return { cancel: () => this.#cancel(slot) }
  }

  /** Takes out the earliest timer if it is due at `nowMs`. */
  takeDue(nowMs: number): (() => void) | undefined {
    this.#dropEmptyTop()
    const top = this.#slots[0]
    if (top === undefined || top.dueMs > nowMs) return undefined
    const run = top.run
    top.run = undefined
    this.#removeTop()
    return run
  }

  #cancel(slot: Slot): void {
    if (slot.run === undefined) return
    slot.run = undefined
    this.#empty++
    if (this.#empty > 1_024 && this.#empty * 2 > this.#slots.length) this.#rebuild()
  }

  #rebuild(): void {
    this.#slots = this.#slots.filter((slot) => slot.run !== undefined)
    this.#empty = 0
    for (let at = (this.#slots.length >>> 1) - 1; at >= 0; at--) this.#sink(at)
  }

  #dropEmptyTop(): void {
    while (this.#slots.length > 0 && this.#slots[0]!.run === undefined) {
      this.#removeTop()
      this.#empty--
    }
  }

  #removeTop(): void {
    const last = this.#slots.pop()!
    if (this.#slots.length === 0) return
    this.#slots[0] = last
    this.#sink(0)
  }

  #rise(from: number): void {
    const slots = this.#slots
    const slot = slots[from]!
    let at = from
    while (at > 0) {
      const parent = (at - 1) >>> 1
      if (!before(slot, slots[parent]!)) break
      slots[at] = slots[parent]!
      at = parent
    }
    slots[at] = slot
  }

  #sink(from: number): void {
    const slots = this.#slots
    const slot = slots[from]!
    let at = from
    for (;;) {
      let child = at * 2 + 1
      if (child >= slots.length) break
      if (child + 1 < slots.length && before(slots[child + 1]!, slots[child]!)) child++
      if (!before(slots[child]!, slot)) break
      slots[at] = slots[child]!
      at = child
    }
    slots[at] = slot
  }
}

interface Slot {
  readonly dueMs: number
  readonly order: number
  run: (() => void) | undefined
}

function before(a: Slot, b: Slot): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order)
}
