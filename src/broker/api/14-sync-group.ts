import { syncGroup } from '../../protocol/api/14-sync-group.ts'
import { KafkaError } from '../../protocol/errors.ts'
import { callerOf, checkGroupId } from '../group-requests.ts'
import { handler } from '../handler.ts'

/** The first version that must repeat protocol type and name (KIP-559). */
const PROTOCOL_VERSION = 5

/**
 * Brings the leader's assignment, or waits for it; holds up its connection as JoinGroup does.
 * Knowingly absent: of an assignment that no record can hold only the leader is told. The others wait
 * until their time to ask is over, where Kafka sends all into another rebalance at once.
 */
export default handler(
  syncGroup,
  async (request, context) => {
    const { groupId, protocolType, protocolName } = request
    const isNamed = protocolType !== null && protocolName !== null
    if (context.apiVersion >= PROTOCOL_VERSION && !isNamed) {
      throw new KafkaError(
        'INCONSISTENT_GROUP_PROTOCOL',
        `protocol type '${protocolType}' and name '${protocolName}' must both be given`,
      )
    }
    checkGroupId(groupId)
    return context.broker.groups.submit(groupId, {
      type: 'sync-group',
      request,
      caller: callerOf(context),
    })
  },
  { keepsNothing: true },
)
