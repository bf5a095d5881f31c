import type { Assignment, HeldPartitions } from './group.ts'

/** @returns whether both hold the same partitions, given in the same epochs. */
export function sameHeld(a: HeldPartitions, b: HeldPartitions): boolean {
  if (a === b) return true
  if (a.size !== b.size) return false
  for (const [topicId, left] of a) {
    const right = b.get(topicId)
    if (left === right) continue
    if (right === undefined || left.size !== right.size) return false
    for (const [partition, epoch] of left) if (right.get(partition) !== epoch) return false
  }
  return true
}

/** @returns whether both have the same partitions, in whatever order. */
export function sameAssignment(a: Assignment, b: Assignment): boolean {
  if (a === b) return true
  if (a.size !== b.size) return false
  for (const [topicId, left] of a) {
    const right = b.get(topicId)
    if (left === right) continue
    if (right === undefined || left.length !== right.length) return false
    const wanted = new Set(right)
    if (!left.every((partition) => wanted.has(partition))) return false
  }
  return true
}

/** Partitions as a member names them. */
export type NamedPartitions = readonly {
  readonly topicId: string
  readonly partitions: readonly number[]
}[]

/** @returns whether everything named is held. */
export function holdsAll(held: HeldPartitions, named: NamedPartitions): boolean {
  return named.every(({ topicId, partitions }) => {
    const own = held.get(topicId)
    return own !== undefined && partitions.every((partition) => own.has(partition))
  })
}

/** @returns whether anything named is held. */
export function holdsAny(held: HeldPartitions, named: NamedPartitions): boolean {
  return named.some(({ topicId, partitions }) => {
    const own = held.get(topicId)
    return own !== undefined && partitions.some((partition) => own.has(partition))
  })
}

/** Partitions as messages carry them, each topic's in order. */
export function namedPartitions(
  held: HeldPartitions,
): { readonly topicId: string; readonly partitions: readonly number[] }[] {
  return [...held].map(([topicId, epochs]) => ({
    topicId,
    partitions: [...epochs.keys()].sort((a, b) => a - b),
  }))
}
