import type { groupMetadataValue } from '../../protocol/internal/consumer-offsets-classic.ts'
import type { Value } from '../../protocol/schema.ts'
import type { ClassicGroupRecord } from '../records.ts'
import { type ClassicGroup, type ClassicMember, emptyClassicGroup } from './group.ts'
import { withMembers } from './members.ts'
import { subscribedTopicsOf } from './protocols.ts'

type StoredGroup = Value<typeof groupMetadataValue>
type StoredMember = StoredGroup['members'][number]

/**
 * The group that a record tells of, alone: a record holds a whole group, so what was before does not
 * matter. What no record tells is gone; a decision that keeps it notes it after the record.
 * @returns undefined for a tombstone.
 */
export function applyClassic(
  _before: ClassicGroup | undefined,
  record: ClassicGroupRecord,
): ClassicGroup | undefined {
  const { value } = record
  if (value === null) return undefined
  const time = value.currentStateTimestamp
  const empty: ClassicGroup = {
    ...emptyClassicGroup(record.key.group, 0),
    phase: value.members.length === 0 ? 'empty' : 'stable',
    phaseSinceMs: time < 0 ? undefined : time,
    generation: value.generation,
    protocolType: value.protocolType === '' ? null : value.protocolType,
    protocolName: value.protocol,
    leaderId: value.leader,
  }
  const group = withMembers(
    empty,
    value.members.map((member) => memberOf(member, value.protocol)),
  )
  return { ...group, subscribedTopics: subscribedTopicsOf(group) }
}

/** Bytes are copied: those of the record lie in what was read of the log. */
function memberOf(stored: StoredMember, protocolName: string | null): ClassicMember {
  return {
    memberId: stored.memberId,
    instanceId: stored.groupInstanceId,
    clientId: stored.clientId,
    clientHost: stored.clientHost,
    // Records of version 0 did not tell it.
    rebalanceTimeoutMs:
      stored.rebalanceTimeout === -1 ? stored.sessionTimeout : stored.rebalanceTimeout,
    sessionTimeoutMs: stored.sessionTimeout,
    protocols: [{ name: protocolName ?? '', metadata: new Uint8Array(stored.subscription) }],
    assignment: new Uint8Array(stored.assignment),
    joining: undefined,
    syncing: undefined,
    isNew: false,
  }
}
