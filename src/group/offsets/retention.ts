import { classicRetentionStart, isSubscribedByClassic } from '../classic/expiry.ts'
import { consumerRetentionStart, isSubscribedByConsumer } from '../consumer/expiry.ts'
import type { Group } from '../group.ts'
import type { GroupWorld } from '../world.ts'
import type { CommittedOffset } from './offset-table.ts'

const MS_PER_MINUTE = 60_000

/** Whether members of a group read a topic, as far as the group can tell. */
export function isSubscribedTo(group: Group, topic: string): boolean {
  return group.type === 'classic'
    ? isSubscribedByClassic(group, topic)
    : isSubscribedByConsumer(group, topic)
}

/** Whether an offset of a topic that nobody in the group reads has outlived its use: by the time that
 *  an old client gave it, else `offsets.retention.minutes` after its group let go of it (KIP-211). */
export function isExpired(group: Group, offset: CommittedOffset, world: GroupWorld): boolean {
  const { expireTimestampMs, commitTimestampMs } = offset
  const since =
    group.type === 'classic'
      ? classicRetentionStart(group, commitTimestampMs)
      : consumerRetentionStart(group, commitTimestampMs)
  if (since === undefined) return false
  if (expireTimestampMs !== -1) return world.nowMs >= expireTimestampMs
  return world.nowMs - since >= world.broker['offsets.retention.minutes'] * MS_PER_MINUTE
}
