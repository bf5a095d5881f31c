import { groupTombstone } from './classic/record.ts'
import { groupTombstones } from './consumer/records.ts'
import type { Group } from './group.ts'
import type { GroupRecord } from './records.ts'

/** The records that end a group, whatever its kind. Its offsets are not touched. */
export function tombstonesOf(group: Group): readonly GroupRecord[] {
  return group.type === 'classic' ? [groupTombstone(group.groupId)] : groupTombstones(group)
}

/** Whether nobody is in the group: it may be deleted, and become one of the other kind. */
export function isEmptyGroup(group: Group): boolean {
  return group.type === 'classic' ? group.phase === 'empty' : group.members.size === 0
}
