import { assert } from '../kernel/assert.ts'
import type { Segment } from './segment.ts'

/** The segments of one log, by growing base offset. There is at least one, the last is active. */
export class SegmentList {
  #segments: Segment[]

  constructor(segments: readonly Segment[]) {
    this.#segments = [...segments]
    assert(segments.length > 0, 'a log has at least one segment')
  }

  get all(): readonly Segment[] {
    return this.#segments
  }

  get first(): Segment {
    return this.#segments[0]!
  }

  /** The one that is appended to. */
  get active(): Segment {
    return this.#segments.at(-1)!
  }

  get sizeBytes(): number {
    let sum = 0
    for (const segment of this.#segments) sum += segment.sizeBytes
    return sum
  }

  at(index: number): Segment | undefined {
    return this.#segments[index]
  }

  /** Index of the last segment that begins at or below `offset`, -1 when all begin above. */
  floor(offset: number): number {
    let low = -1
    let high = this.#segments.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#segments[middle]!.baseOffset <= offset) low = middle
      else high = middle - 1
    }
    return low
  }

  push(segment: Segment): void {
    assert(segment.baseOffset > this.active.baseOffset, `segment ${segment.baseOffset} is not new`)
    this.#segments.push(segment)
  }

  /** Takes the first `count` segments out, never all of them. */
  takeFirst(count: number): readonly Segment[] {
    assert(count < this.#segments.length, 'the active segment must stay')
    return this.#segments.splice(0, count)
  }

  /** Takes out the segments that begin above `offset`. */
  takeAbove(offset: number): readonly Segment[] {
    return this.#segments.splice(Math.max(1, this.floor(offset) + 1))
  }

  /** Whether all of `group` are still here. */
  hasAll(group: readonly Segment[]): boolean {
    return group.every((segment) => this.#segments.includes(segment))
  }

  /** Puts `segment` in the place of `group`, which lie side by side and do not end with the active
   *  one. */
  replace(group: readonly Segment[], segment: Segment): void {
    const index = this.#segments.indexOf(group[0]!)
    const isHere = group.every((one, nth) => this.#segments[index + nth] === one)
    assert(index >= 0 && isHere, `the segments at ${segment.baseOffset} are not those to replace`)
    assert(!group.includes(this.active), 'the active segment must stay')
    this.#segments.splice(index, group.length, segment)
  }

  /** Puts `segment` in the place of all. */
  replaceAll(segment: Segment): readonly Segment[] {
    return this.#segments.splice(0, this.#segments.length, segment)
  }
}
