import type { BrokerConfig } from '../../config/broker.ts'
import { KafkaError } from '../../protocol/errors.ts'
import type { ConsumerHeartbeatEvent } from '../events.ts'
import { JOINS, LEAVES, LEFT_FOR_NOW } from './group.ts'

type HeartbeatRequest = ConsumerHeartbeatEvent['request']

/**
 * Looks at a heartbeat by itself, before any group is looked at.
 * @throws KafkaError INVALID_REQUEST for fields that do not fit together, UNSUPPORTED_ASSIGNOR for a
 *   server assignor that the broker does not offer.
 */
export function validateHeartbeat(
  request: HeartbeatRequest,
  apiVersion: number,
  broker: BrokerConfig,
): void {
  const { memberEpoch } = request
  const bringsItsId = apiVersion >= 1 || memberEpoch > JOINS || memberEpoch === LEAVES
  if (bringsItsId) refuseBlank('memberId', request.memberId)
  refuseBlank('groupId', request.groupId)
  refuseBlank('instanceId', request.instanceId)
  refuseBlank('rackId', request.rackId)
  if (memberEpoch === JOINS) validateJoin(request)
  else if (memberEpoch === LEFT_FOR_NOW) {
    refuseIf(
      request.instanceId === null,
      'only static members leave for a while: instanceId is null',
    )
  } else refuseIf(memberEpoch < LEFT_FOR_NOW, `memberEpoch ${memberEpoch} is below ${LEFT_FOR_NOW}`)
  validateAssignor(request.serverAssignor, broker['group.consumer.assignors'])
}

function validateJoin(request: HeartbeatRequest): void {
  refuseIf(request.rebalanceTimeoutMs === -1, 'a member that joins must give rebalanceTimeoutMs')
  refuseIf(
    request.topicPartitions?.length !== 0,
    'a member that joins holds nothing: topicPartitions must be empty',
  )
  refuseIf(
    request.subscribedTopicNames === null && request.subscribedTopicRegex === null,
    'a member that joins must give subscribedTopicNames or subscribedTopicRegex',
  )
}

function validateAssignor(asked: string | null, offered: readonly string[]): void {
  if (asked === null || offered.includes(asked)) return
  const choice = offered.join(', ')
  throw new KafkaError('UNSUPPORTED_ASSIGNOR', `assignor ${asked} is not one of: ${choice}`)
}

function refuseBlank(field: string, value: string | null): void {
  refuseIf(value !== null && value.trim() === '', `${field} must not be empty`)
}

function refuseIf(isWrong: boolean, detail: string): void {
  if (isWrong) throw new KafkaError('INVALID_REQUEST', detail)
}
