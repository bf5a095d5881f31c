import type { Ticket } from '../../coordinator/machine.ts'
import { EMPTY_BYTES } from '../../kernel/bytes.ts'
import type { JoinGroupEvent } from '../events.ts'
import { notJoined } from './answers.ts'
import type { ClassicMember } from './group.ts'
import { withMembers, withoutKey } from './members.ts'
import { ownProtocols } from './protocols.ts'
import { rebalanceOrCompleteJoin } from './rebalance.ts'
import { keepAlive } from './timers.ts'
import type { Turn } from './turn.ts'

/** How long a new member may wait for the others while its client says nothing, ms: longer than a
 *  session, since it cannot send heartbeats yet, but not for ever (KAFKA-7610). */
const NEW_MEMBER_JOIN_TIMEOUT_MS = 300_000

/** Adds a member that nobody knew before, which makes the others join again. */
export function addMember(
  turn: Turn,
  event: JoinGroupEvent,
  ticket: Ticket,
  memberId: string,
): void {
  const { group } = turn
  const { request, caller } = event
  const member: ClassicMember = {
    memberId,
    instanceId: request.groupInstanceId,
    clientId: caller.clientId,
    clientHost: caller.clientHost,
    ...termsOf(event),
    assignment: EMPTY_BYTES,
    joining: ticket,
    syncing: undefined,
    isNew: true,
  }
  turn.change({
    protocolType: group.members.size === 0 ? request.protocolType : group.protocolType,
    pendingJoin: withoutKey(group.pendingJoin, memberId),
    hasNewMember: group.hasNewMember || group.isFirstRebalance,
  })
  turn.group = withMembers(turn.group, [member])
  keepAlive(turn, member, NEW_MEMBER_JOIN_TIMEOUT_MS)
  rebalanceOrCompleteJoin(turn)
}

/** A member that joins again, perhaps on other terms. Its session is not renewed: while it waits it
 *  cannot expire, and then it is. */
export function updateMember(turn: Turn, event: JoinGroupEvent, ticket: Ticket, id: string): void {
  const member = turn.group.members.get(id)!
  if (member.joining !== undefined) abandonJoin(turn, member, member.joining)
  turn.group = withMembers(turn.group, [{ ...member, ...termsOf(event), joining: ticket }])
}

/** A member can wait once only: who asks again takes the place of its own earlier request, whose
 *  connection is most likely gone. */
function abandonJoin(turn: Turn, member: ClassicMember, earlier: Ticket): void {
  turn.reply('join-group', earlier, notJoined('REBALANCE_IN_PROGRESS', member.memberId))
}

/** What a member brings with each JoinGroup. */
export function termsOf({ request }: JoinGroupEvent) {
  return {
    protocols: ownProtocols(request.protocols),
    sessionTimeoutMs: request.sessionTimeoutMs,
    rebalanceTimeoutMs: request.rebalanceTimeoutMs,
  }
}
