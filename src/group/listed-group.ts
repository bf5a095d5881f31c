import { classicStateNames } from './classic/describe.ts'
import { consumerStateOf } from './consumer/describe.ts'
import type { Group } from './group.ts'

/** The row of ListGroups. */
export interface ListedGroup {
  readonly groupId: string
  readonly protocolType: string
  /** As tools print it. */
  readonly groupState: string
  readonly groupType: Group['type']
}

/** What groups to list; an empty set stands for all. In small letters. */
export interface GroupFilter {
  readonly states: ReadonlySet<string>
  readonly types: ReadonlySet<string>
}

/** A group as it is listed. */
export function listedGroup(group: Group): ListedGroup {
  const { groupId, type } = group
  switch (type) {
    case 'classic':
      return {
        groupId,
        protocolType: group.protocolType ?? '',
        groupState: classicStateNames[group.phase],
        groupType: type,
      }
    case 'consumer':
      return {
        groupId,
        protocolType: 'consumer',
        groupState: consumerStateOf(group),
        groupType: type,
      }
  }
}

/** Whether a group passes a filter. A state or type that no group has lets none pass. */
export function isListed(group: ListedGroup, { states, types }: GroupFilter): boolean {
  const hasState = states.size === 0 || states.has(group.groupState.toLowerCase())
  return hasState && (types.size === 0 || types.has(group.groupType))
}
