import { leaveGroup } from '../../protocol/api/13-leave-group.ts'
import { KafkaError } from '../../protocol/errors.ts'
import type { RequestOf, ResponseInput } from '../../protocol/schema.ts'
import { callerOf, checkGroupId } from '../group-requests.ts'
import { handler, type RequestContext } from '../handler.ts'

/** The first version that names several members (KIP-345). */
const BATCHED_VERSION = 3

type Request = RequestOf<typeof leaveGroup>
type Answer = ResponseInput<typeof leaveGroup>

/** Takes members out of a classic group, each answered for itself. */
export default handler(
  leaveGroup,
  async (request, context) => {
    checkGroupId(request.groupId)
    if (context.apiVersion >= BATCHED_VERSION) return leave(request, context)
    const alone = { memberId: request.memberId, groupInstanceId: null, reason: null }
    const { errorCode, members = [] } = await leave({ ...request, members: [alone] }, context)
    return { errorCode: errorCode || (members[0]?.errorCode ?? 0) }
  },
  { keepsNothing: true },
)

/** A group that is not there has none of the members: an answer, not an error. */
async function leave(request: Request, context: RequestContext): Promise<Answer> {
  try {
    return await context.broker.groups.submit(request.groupId, {
      type: 'leave-group',
      request,
      caller: callerOf(context),
    })
  } catch (error) {
    if (!(error instanceof KafkaError) || error.error !== 'UNKNOWN_MEMBER_ID') throw error
    const members = request.members.map(({ memberId, groupInstanceId }) => ({
      memberId,
      groupInstanceId,
      errorCode: error.code,
    }))
    return { errorCode: 0, members }
  }
}
