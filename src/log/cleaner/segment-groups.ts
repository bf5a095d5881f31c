import { MAX_RELATIVE_OFFSET } from '../offset-index.ts'

/** A segment as far as it matters what it can be joined with. */
export interface GroupedSegment {
  readonly baseOffset: number
  readonly sizeBytes: number
  readonly offsetIndexBytes: number
  readonly timeIndexBytes: number
}

export interface GroupLimits {
  /** `segment.bytes`. */
  readonly segmentBytes: number
  /** `segment.index.bytes`. */
  readonly indexBytes: number
  /** Where the segment behind the last one begins. */
  readonly endOffset: number
}

/**
 * Joins neighbours so that each group becomes one segment: as compacted segments shrink, there would
 * be ever more small files. A group fits into one segment even if nothing of it is dropped; a segment
 * that is larger than the limits by itself makes a group of its own.
 */
export function groupSegments<T extends GroupedSegment>(
  segments: readonly T[],
  limits: GroupLimits,
): readonly (readonly T[])[] {
  const groups: T[][] = []
  let sum = { sizeBytes: 0, offsetIndexBytes: 0, timeIndexBytes: 0 }
  for (const [index, segment] of segments.entries()) {
    const group = groups.at(-1)
    const joined = {
      sizeBytes: sum.sizeBytes + segment.sizeBytes,
      offsetIndexBytes: sum.offsetIndexBytes + segment.offsetIndexBytes,
      timeIndexBytes: sum.timeIndexBytes + segment.timeIndexBytes,
    }
    const lastOffset = (segments[index + 1]?.baseOffset ?? limits.endOffset) - 1
    const fits =
      group !== undefined &&
      joined.sizeBytes <= limits.segmentBytes &&
      joined.offsetIndexBytes <= limits.indexBytes &&
      joined.timeIndexBytes <= limits.indexBytes &&
      (segment.sizeBytes === 0 || lastOffset - group[0]!.baseOffset <= MAX_RELATIVE_OFFSET)
    if (fits) {
      group.push(segment)
      sum = joined
    } else {
      groups.push([segment])
      sum = segment
    }
  }
  return groups
}
