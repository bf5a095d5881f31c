import { validateHeartbeat } from '../../group/consumer/validate-heartbeat.ts'
import { randomId } from '../../log/random-id.ts'
import { consumerGroupHeartbeat } from '../../protocol/api/68-consumer-group-heartbeat.ts'
import { KafkaError } from '../../protocol/errors.ts'
import { callerOf, checkConsumerProtocol } from '../group-requests.ts'
import { handler } from '../handler.ts'

/** Everything a member of a consumer group says and hears: it joins, is assigned partitions, confirms
 *  them, leaves (KIP-848). */
export default handler(
  consumerGroupHeartbeat,
  async (request, context) => {
    const { settings, groups, environment } = context.broker
    try {
      checkConsumerProtocol(settings)
      validateHeartbeat(request, context.apiVersion, settings.broker)
      return await groups.submit(request.groupId, {
        type: 'consumer-group-heartbeat',
        request,
        caller: callerOf(context),
        freshId: randomId(environment.random),
      })
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error
      const { code, message } = error
      return { errorCode: code, errorMessage: message, memberEpoch: 0, heartbeatIntervalMs: 0 }
    }
  },
  { keepsNothing: true },
)
