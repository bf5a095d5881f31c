import { heartbeat } from '../../protocol/api/12-heartbeat.ts'
import { KafkaError } from '../../protocol/errors.ts'
import { callerOf, checkGroupId } from '../group-requests.ts'
import { handler } from '../handler.ts'

/** Keeps a classic member alive, and tells it of a rebalance. While the coordinator still reads the
 *  group it believes every member: sessions begin anew when it has. */
export default handler(
  heartbeat,
  async (request, context) => {
    checkGroupId(request.groupId)
    try {
      return await context.broker.groups.submit(request.groupId, {
        type: 'heartbeat',
        request,
        caller: callerOf(context),
      })
    } catch (error) {
      const isLoading =
        error instanceof KafkaError && error.error === 'COORDINATOR_LOAD_IN_PROGRESS'
      if (!isLoading) throw error
      return { errorCode: 0 }
    }
  },
  { keepsNothing: true },
)
