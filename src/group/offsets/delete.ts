import type { Ticket } from '../../coordinator/machine.ts'
import { errors, KafkaError } from '../../protocol/errors.ts'
import { CONSUMER_PROTOCOL_TYPE } from '../classic/protocols.ts'
import type { OffsetDeleteEvent } from '../events.ts'
import type { Group } from '../group.ts'
import { isEmptyGroup } from '../tombstones.ts'
import type { GroupEffect } from '../world.ts'
import { type KnownGroups, offsetTombstone } from './known-groups.ts'
import { isSubscribedTo } from './retention.ts'

/**
 * Deletes offsets of topics that nobody in the group subscribes to (KIP-496). Partitions without an
 * offset succeed. Topics and their partitions exist: the handler sees to that.
 * @throws KafkaError GROUP_ID_NOT_FOUND; NON_EMPTY_GROUP for a group with members whose subscriptions
 *   only they understand.
 */
export function decideOffsetDelete(
  known: KnownGroups,
  { request }: OffsetDeleteEvent,
  ticket: Ticket,
): readonly GroupEffect[] {
  const { groupId } = request
  const group = deletableGroup(known.group(groupId), groupId)
  const records: GroupEffect[] = []
  const topics = request.topics.map(({ name, partitions }) => {
    const isSubscribed = isSubscribedTo(group, name)
    const { code } = isSubscribed ? errors.GROUP_SUBSCRIBED_TO_TOPIC : errors.NONE
    for (const { partitionIndex } of isSubscribed ? [] : partitions) {
      if (!hasOffset(known, groupId, name, partitionIndex)) continue
      records.push({ type: 'append', record: offsetTombstone(groupId, name, partitionIndex) })
    }
    return {
      name,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode: code })),
    }
  })
  return [...records, { type: 'reply', to: ticket, answer: { errorCode: 0, topics } }]
}

function deletableGroup(group: Group | undefined, groupId: string): Group {
  if (group === undefined || (group.type === 'classic' && group.phase === 'dead')) {
    throw new KafkaError('GROUP_ID_NOT_FOUND', `there is no group ${groupId}`)
  }
  const tellsTopics = group.type === 'consumer' || group.protocolType === CONSUMER_PROTOCOL_TYPE
  if (!tellsTopics && !isEmptyGroup(group)) {
    throw new KafkaError('NON_EMPTY_GROUP', `${groupId} has members of ${group.protocolType}`)
  }
  return group
}

function hasOffset(
  { offsets }: KnownGroups,
  groupId: string,
  topic: string,
  partition: number,
): boolean {
  return (
    offsets.get(groupId, topic, partition) !== undefined ||
    offsets.isOpen(groupId, topic, partition)
  )
}
