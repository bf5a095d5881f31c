import type { Group } from '../group.ts'
import type { OffsetRecord } from '../records.ts'
import type { OffsetTable } from './offset-table.ts'

/** What decisions about offsets look at: a shard. */
export interface KnownGroups {
  readonly offsets: OffsetTable
  group(groupId: string): Group | undefined
  groups(): Iterable<Group>
}

/** Tombstones that one look over all groups makes at most, before others on the loop get their turn:
 *  a few ms. What is left follows at once. */
export const TOMBSTONES_PER_TURN = 2_000

/** Ends an offset, and what pends of its partition. */
export function offsetTombstone(group: string, topic: string, partition: number): OffsetRecord {
  return { type: 'offset', key: { group, topic, partition }, value: null }
}
