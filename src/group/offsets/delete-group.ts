import type { Ticket } from '../../coordinator/machine.ts'
import { KafkaError } from '../../protocol/errors.ts'
import type { DeleteGroupEvent } from '../events.ts'
import type { GroupRecord } from '../records.ts'
import { isEmptyGroup, tombstonesOf } from '../tombstones.ts'
import type { GroupEffect } from '../world.ts'
import { type KnownGroups, offsetTombstone } from './known-groups.ts'

/**
 * Deletes a group that nobody is in, with its offsets, those of open transactions too.
 * @throws KafkaError GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP.
 */
export function decideDeleteGroup(
  known: KnownGroups,
  { groupId }: DeleteGroupEvent,
  ticket: Ticket,
): readonly GroupEffect[] {
  const group = known.group(groupId)
  if (group === undefined || (group.type === 'classic' && group.phase === 'dead')) {
    throw new KafkaError('GROUP_ID_NOT_FOUND', `there is no group ${groupId}`)
  }
  if (!isEmptyGroup(group)) throw new KafkaError('NON_EMPTY_GROUP', `${groupId} has members`)
  const records = [...offsetTombstonesOf(known, groupId), ...tombstonesOf(group)]
  return [
    ...records.map((record) => ({ type: 'append', record }) as const),
    { type: 'reply', to: ticket, answer: {} },
  ]
}

/** One for each partition that has an offset, be it committed or pending. */
function* offsetTombstonesOf({ offsets }: KnownGroups, groupId: string): Iterable<GroupRecord> {
  for (const [topic, all] of offsets.topicsOf(groupId)) {
    for (const { partition } of all) yield offsetTombstone(groupId, topic, partition)
  }
  for (const [topic, open] of offsets.openTopicsOf(groupId)) {
    for (const { partition } of open) {
      if (offsets.get(groupId, topic, partition) === undefined) {
        yield offsetTombstone(groupId, topic, partition)
      }
    }
  }
}
