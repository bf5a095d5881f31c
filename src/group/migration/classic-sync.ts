import type { Ticket } from '../../coordinator/machine.ts'
import { EMPTY_BYTES } from '../../kernel/bytes.ts'
import { errors, KafkaError } from '../../protocol/errors.ts'
import { notSynced } from '../classic/answers.ts'
import { CONSUMER_PROTOCOL_TYPE } from '../classic/protocols.ts'
import type { ConsumerGroup } from '../consumer/group.ts'
import { cancelTimer } from '../consumer/timers.ts'
import type { SyncGroupEvent } from '../events.ts'
import type { GroupEffect, GroupWorld } from '../world.ts'
import {
  type ClassicConsumer,
  classicSender,
  keepClassicSession,
  limitJoin,
} from './classic-session.ts'
import { writeAssignment } from './embedded.ts'

/**
 * A SyncGroup: the member is given what it holds by now. It never brings an assignment, since it never
 * leads. When there is a newer target meanwhile, it has to join again first.
 * @throws KafkaError INCONSISTENT_GROUP_PROTOCOL, and those of `classicSender`.
 */
export function decideClassicSync(
  group: ConsumerGroup,
  { request }: SyncGroupEvent,
  ticket: Ticket,
  world: GroupWorld,
): readonly GroupEffect[] {
  const { groupId } = group
  const { protocolType, protocolName } = request
  const member = classicSender(group, request)
  checkProtocol(member, protocolType, protocolName)
  const isBehind = group.targetEpoch > member.memberEpoch && member.state !== 'unrevoked-partitions'
  if (isBehind) {
    const answer = notSynced('REBALANCE_IN_PROGRESS')
    return [limitJoin(groupId, member, world), { type: 'reply', to: ticket, answer }]
  }
  const partitions = [...member.assigned].map(([id, held]) => [id, held.keys()] as const)
  const assignment = writeAssignment(partitions, metadataOf(member), world.image)
  const answer = { errorCode: errors.NONE.code, protocolType, protocolName, assignment }
  return [
    cancelTimer(groupId, member.memberId, 'classic-sync'),
    keepClassicSession(groupId, member, world),
    { type: 'reply', to: ticket, answer },
  ]
}

/** What the member says it speaks must be what it was told when it joined (KIP-559). */
function checkProtocol(member: ClassicConsumer, type: string | null, name: string | null): void {
  const told = member.classic.protocols[0]?.name
  const isConsistent =
    (type === null || type === CONSUMER_PROTOCOL_TYPE) && (name === null || name === told)
  if (isConsistent) return
  throw new KafkaError(
    'INCONSISTENT_GROUP_PROTOCOL',
    `member ${member.memberId} speaks ${CONSUMER_PROTOCOL_TYPE} ${told}, not ${type} ${name}`,
  )
}

function metadataOf({ classic }: ClassicConsumer): Uint8Array {
  return classic.protocols[0]?.metadata ?? EMPTY_BYTES
}
