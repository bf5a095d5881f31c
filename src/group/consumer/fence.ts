import type { Draft } from './draft.ts'
import { type ConsumerMember, regexOf } from './group.ts'
import { metadataHash } from './metadata-hash.ts'
import { groupRecord, memberTombstones, regexTombstone } from './records.ts'
import { cancelTimers } from './timers.ts'

/**
 * Removes members: what they held is free at once, and the group needs another assignment, which the
 * next heartbeat computes.
 * @param members of the draft's group.
 */
export function fenceMembers(draft: Draft, members: readonly ConsumerMember[]): void {
  const { groupId } = draft.group
  if (members.length === 0) return
  for (const { memberId } of members) {
    for (const record of memberTombstones(groupId, memberId)) draft.append(record)
  }
  for (const regex of new Set(members.map(regexOf))) {
    if (regex === undefined || draft.group.regexSubscribers.has(regex)) continue
    draft.append(regexTombstone(groupId, regex))
  }
  const { topicSubscribers, epoch } = draft.group
  const hash = metadataHash(topicSubscribers.keys(), draft.world.image)
  draft.append(groupRecord(groupId, epoch + 1, hash))
  for (const { memberId } of members) draft.push(...cancelTimers(groupId, memberId))
}
