/** What the handlers of the group APIs have in common. */
import type { Caller } from '../group/events.ts'
import type { Group } from '../group/group.ts'
import { KafkaError } from '../protocol/errors.ts'
import { clientHost } from './client-host.ts'
import type { RequestContext } from './handler.ts'
import type { Settings } from './settings.ts'

/** Who sent a request, as groups remember it. */
export function callerOf({ apiVersion, clientId, connection }: RequestContext): Caller {
  return { apiVersion, clientId: clientId ?? '', clientHost: clientHost(connection.remoteHost) }
}

/** @throws KafkaError INVALID_GROUP_ID for the empty id, which only bare offsets may have. */
export function checkGroupId(groupId: string): void {
  if (groupId === '') throw new KafkaError('INVALID_GROUP_ID', 'the group id is empty')
}

/** @throws KafkaError UNSUPPORTED_VERSION where `group.coordinator.rebalance.protocols` leaves the
 *  consumer protocol out. Its APIs are offered all the same, as in Kafka. */
export function checkConsumerProtocol(settings: Settings): void {
  if (settings.broker['group.coordinator.rebalance.protocols'].includes('consumer')) return
  throw new KafkaError('UNSUPPORTED_VERSION', 'the consumer protocol is switched off')
}

/** Why a group cannot be described, in the sentences that tools print. */
export function absence(group: Group | undefined, groupId: string, wanted: Group['type']): string {
  return group === undefined
    ? `Group ${groupId} not found.`
    : `Group ${groupId} is not a ${wanted} group.`
}
