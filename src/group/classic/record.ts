import type { ClassicGroupRecord } from '../records.ts'
import type { ClassicGroup } from './group.ts'
import { metadataOf } from './protocols.ts'

/** Written for a record whose group does not know since when it is in its phase. */
const UNKNOWN_TIME = -1

/** The group as its record tells it: what survives the coordinator. */
export function groupRecord(group: ClassicGroup): ClassicGroupRecord {
  return {
    type: 'classic-group',
    key: { group: group.groupId },
    value: {
      protocolType: group.protocolType ?? '',
      generation: group.generation,
      protocol: group.protocolName,
      leader: group.leaderId,
      currentStateTimestamp: group.phaseSinceMs ?? UNKNOWN_TIME,
      members: [...group.members.values()].map((member) => ({
        memberId: member.memberId,
        groupInstanceId: member.instanceId,
        clientId: member.clientId,
        clientHost: member.clientHost,
        rebalanceTimeout: member.rebalanceTimeoutMs,
        sessionTimeout: member.sessionTimeoutMs,
        subscription: metadataOf(member, group.protocolName),
        assignment: member.assignment,
      })),
    },
  }
}

/** Ends a group. */
export function groupTombstone(groupId: string): ClassicGroupRecord {
  return { type: 'classic-group', key: { group: groupId }, value: null }
}
