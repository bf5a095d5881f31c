/** What callers are told, in the words of the protocol. */

import { EMPTY_BYTES } from '../../kernel/bytes.ts'
import { type ErrorName, errors } from '../../protocol/errors.ts'
import type { GroupAnswers } from '../events.ts'
import type { ClassicGroup, ClassicMember } from './group.ts'
import { metadataOf } from './protocols.ts'

type JoinAnswer = GroupAnswers['join-group']
type SyncAnswer = GroupAnswers['sync-group']

/** The caller is a member of the current generation; its leader is told of all the others. */
export function joined(group: ClassicGroup, memberId: string): JoinAnswer {
  return {
    errorCode: errors.NONE.code,
    generationId: group.generation,
    protocolType: group.protocolType,
    protocolName: group.protocolName,
    leader: group.leaderId ?? '',
    memberId,
    members: group.leaderId === memberId ? subscriptionsOf(group) : [],
  }
}

function subscriptionsOf(group: ClassicGroup): JoinAnswer['members'] {
  return [...group.members.values()].map((member) => ({
    memberId: member.memberId,
    groupInstanceId: member.instanceId,
    metadata: metadataOf(member, group.protocolName),
  }))
}

/** @param memberId repeated to the caller; empty where Kafka leaves it so, or a newly given one. */
export function notJoined(error: ErrorName, memberId: string): JoinAnswer {
  return {
    errorCode: errors[error].code,
    generationId: -1,
    protocolType: null,
    protocolName: null,
    leader: '',
    memberId,
    members: [],
  }
}

/** The member's part of the assignment. */
export function synced(group: ClassicGroup, member: ClassicMember): SyncAnswer {
  return {
    errorCode: errors.NONE.code,
    protocolType: group.protocolType,
    protocolName: group.protocolName,
    assignment: member.assignment,
  }
}

export function notSynced(error: ErrorName): SyncAnswer {
  return { errorCode: errors[error].code, assignment: EMPTY_BYTES }
}
