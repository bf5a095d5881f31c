import { describeClassic } from '../../group/classic/describe.ts'
import { describeGroups } from '../../protocol/api/15-describe-groups.ts'
import { errors } from '../../protocol/errors.ts'
import type { ResponseInput } from '../../protocol/schema.ts'
import { ALL_GROUP_OPERATIONS, OPERATIONS_NOT_ASKED } from '../authorized-operations.ts'
import { absence } from '../group-requests.ts'
import { handler } from '../handler.ts'
import { answerEach } from '../per-partition.ts'

type Described = ResponseInput<typeof describeGroups>['groups'][number]

/** The first version that tells a group which is not there from one that is dead (KIP-1043). */
const NOT_FOUND_VERSION = 6

/** Describes groups of the classic protocol. One of another protocol counts as not there. */
export default handler(describeGroups, async (request, { broker, apiVersion }) => {
  const operations = request.includeAuthorizedOperations
    ? ALL_GROUP_OPERATIONS
    : OPERATIONS_NOT_ASKED
  const describe = (groupId: string): Promise<Described> =>
    broker.groups.query(groupId, (shard) => {
      const group = shard.group(groupId)
      if (group?.type === 'classic') return describeClassic(group)
      const dead = blank(groupId, 'Dead')
      if (apiVersion < NOT_FOUND_VERSION) return dead
      const { code } = errors.GROUP_ID_NOT_FOUND
      return { ...dead, errorCode: code, errorMessage: absence(group, groupId, 'classic') }
    })
  const groups = await answerEach(request.groups, describe, (groupId, error) => ({
    ...blank(groupId, ''),
    errorCode: error.code,
  }))
  return {
    groups: groups.map((group) => ({
      ...group,
      authorizedOperations: group.errorCode === 0 ? operations : OPERATIONS_NOT_ASKED,
    })),
  }
})

function blank(groupId: string, groupState: string): Described {
  return { errorCode: 0, groupId, groupState, protocolType: '', protocolData: '', members: [] }
}
