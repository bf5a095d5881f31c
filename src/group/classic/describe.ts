import { EMPTY_BYTES } from '../../kernel/bytes.ts'
import type { describeGroups } from '../../protocol/api/15-describe-groups.ts'
import type { ResponseInput } from '../../protocol/schema.ts'
import type { ClassicGroup, ClassicPhase } from './group.ts'
import { metadataOf } from './protocols.ts'

type DescribedGroup = ResponseInput<typeof describeGroups>['groups'][number]

/** How Kafka's tools call the phases. */
export const classicStateNames: Readonly<Record<ClassicPhase, string>> = {
  empty: 'Empty',
  'preparing-rebalance': 'PreparingRebalance',
  'completing-rebalance': 'CompletingRebalance',
  stable: 'Stable',
  dead: 'Dead',
}

/** The row of DescribeGroups. What members told the leader is only shown of a stable group: before, it
 *  is not settled by which protocol to read it. Leaves out the authorized operations. */
export function describeClassic(group: ClassicGroup): DescribedGroup {
  const isStable = group.phase === 'stable'
  return {
    errorCode: 0,
    groupId: group.groupId,
    groupState: classicStateNames[group.phase],
    protocolType: group.protocolType ?? '',
    protocolData: isStable ? (group.protocolName ?? '') : '',
    members: [...group.members.values()].map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.instanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      memberMetadata: isStable ? metadataOf(member, group.protocolName) : EMPTY_BYTES,
      memberAssignment: member.assignment,
    })),
  }
}
