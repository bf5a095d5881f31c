import { notJoined } from '../../group/classic/answers.ts'
import type { GroupAnswers } from '../../group/events.ts'
import { randomId } from '../../log/random-id.ts'
import { joinGroup } from '../../protocol/api/11-join-group.ts'
import { KafkaError } from '../../protocol/errors.ts'
import type { RequestOf } from '../../protocol/schema.ts'
import { callerOf } from '../group-requests.ts'
import { handler, type RequestContext } from '../handler.ts'

/** The first version that says how long a rebalance may take (KIP-62), and that may answer no protocol
 *  (KIP-559). */
const REBALANCE_TIMEOUT_VERSION = 1
const NO_PROTOCOL_VERSION = 7

type Request = RequestOf<typeof joinGroup>

/**
 * Enters a classic group. Waits until all its members have, and holds up the requests behind it on its
 * connection meanwhile, as in Kafka: clients leave the connection to their coordinator to the group.
 */
export default handler(
  joinGroup,
  async (request, context) => {
    const answer = await join(request, context)
    if (context.apiVersion >= NO_PROTOCOL_VERSION) return answer
    return { ...answer, protocolName: answer.protocolName ?? '' }
  },
  { keepsNothing: true },
)

async function join(
  request: Request,
  context: RequestContext,
): Promise<GroupAnswers['join-group']> {
  const { groupId, memberId } = request
  const { groups, environment } = context.broker
  if (groupId === '') return notJoined('INVALID_GROUP_ID', memberId)
  try {
    return await groups.submit(groupId, {
      type: 'join-group',
      request: normalized(request, context.apiVersion),
      caller: callerOf(context),
      freshId: randomId(environment.random),
    })
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error
    return notJoined(error.error, '')
  }
}

/** The request as newer versions would have it. */
function normalized(request: Request, apiVersion: number): Request {
  if (apiVersion >= REBALANCE_TIMEOUT_VERSION) return request
  return { ...request, rebalanceTimeoutMs: request.sessionTimeoutMs }
}
