import type { SegmentList } from '../segment-list.ts'
import type { AbortedTransaction } from '../transaction-index.ts'

/** The aborted transactions with records in [startOffset, endOffset), by growing marker offset. */
export function abortedIn(
  segments: SegmentList,
  startOffset: number,
  endOffset: number,
): readonly AbortedTransaction[] {
  const found: AbortedTransaction[] = []
  for (let at = Math.max(0, segments.floor(startOffset)); segments.at(at); at++) {
    const { transactions } = segments.at(at)!
    const { aborted, isComplete } = transactions.abortedBetween(startOffset, endOffset)
    found.push(...aborted)
    if (isComplete) break
  }
  return found
}
