import { describeConsumer } from '../../group/consumer/describe.ts'
import { consumerGroupDescribe } from '../../protocol/api/69-consumer-group-describe.ts'
import { KafkaError } from '../../protocol/errors.ts'
import type { ResponseInput } from '../../protocol/schema.ts'
import { ALL_GROUP_OPERATIONS, OPERATIONS_NOT_ASKED } from '../authorized-operations.ts'
import { absence, checkConsumerProtocol, checkGroupId } from '../group-requests.ts'
import { handler } from '../handler.ts'
import { answerEach } from '../per-partition.ts'

type Described = ResponseInput<typeof consumerGroupDescribe>['groups'][number]

/** Describes groups of the consumer protocol (KIP-848). One of another protocol counts as not there. */
export default handler(consumerGroupDescribe, async (request, { broker }) => {
  const authorizedOperations = request.includeAuthorizedOperations
    ? ALL_GROUP_OPERATIONS
    : OPERATIONS_NOT_ASKED
  const describe = async (groupId: string): Promise<Described> => {
    checkConsumerProtocol(broker.settings)
    checkGroupId(groupId)
    const described = await broker.groups.query(groupId, (shard, world) => {
      const group = shard.group(groupId)
      if (group?.type === 'consumer') return describeConsumer(group, world)
      throw new KafkaError('GROUP_ID_NOT_FOUND', absence(group, groupId, 'consumer'))
    })
    return { ...described, authorizedOperations }
  }
  return { groups: await answerEach(request.groupIds, describe, refused) }
})

function refused(groupId: string, { code, message }: KafkaError): Described {
  return {
    errorCode: code,
    errorMessage: message,
    groupId,
    groupState: '',
    groupEpoch: 0,
    assignmentEpoch: 0,
    assignorName: '',
    members: [],
  }
}
