/** How long a classic group needs the offsets it committed (KIP-211). */

import type { ClassicGroup } from './group.ts'
import { CONSUMER_PROTOCOL_TYPE } from './protocols.ts'

/**
 * From when on an offset's retention counts, ms; undefined: it does not expire in this phase. A group
 * without a protocol type, which nobody joined, counts each offset from its commit, one that has become
 * empty from then on, and consumers at work the topics they do not read any more from the commit.
 */
export function classicRetentionStart(
  group: ClassicGroup,
  committedMs: number,
): number | undefined {
  if (group.protocolType === null) return committedMs
  if (group.phase === 'empty') return group.phaseSinceMs ?? committedMs
  const tellsTopics =
    group.protocolType === CONSUMER_PROTOCOL_TYPE && group.subscribedTopics !== undefined
  return tellsTopics && group.phase === 'stable' ? committedMs : undefined
}

/** Whether members read the topic: its offsets then never expire, and are not deleted. Consumers that
 *  do not tell what they read are taken to read everything. */
export function isSubscribedByClassic(group: ClassicGroup, topic: string): boolean {
  return group.subscribedTopics?.has(topic) ?? group.protocolType === CONSUMER_PROTOCOL_TYPE
}
