/**
 * Members of the classic protocol inside a consumer group, one file for each of their requests:
 * `classic-join.ts`, `classic-sync.ts`, `classic-heartbeat.ts`, `classic-leave.ts`. To them the group
 * looks like a classic one whose leader is always somebody else: a generation is their member epoch,
 * and what they are assigned is what the coordinator has reconciled for them. Nobody waits for anybody:
 * each joins as soon as it hears REBALANCE_IN_PROGRESS, and is answered at once.
 */

import type { Ticket } from '../../coordinator/machine.ts'
import type { ConsumerGroup } from '../consumer/group.ts'
import type { HeartbeatEvent, JoinGroupEvent, LeaveGroupEvent, SyncGroupEvent } from '../events.ts'
import type { GroupEffect, GroupWorld } from '../world.ts'
import { decideClassicHeartbeat } from './classic-heartbeat.ts'
import { decideClassicJoin } from './classic-join.ts'
import { decideClassicLeave } from './classic-leave.ts'
import { decideClassicSync } from './classic-sync.ts'

/**
 * Decides what a request of the classic protocol means to a consumer group.
 * @throws KafkaError to refuse it, see the requests' own files.
 */
export function decideClassicMember(
  group: ConsumerGroup,
  event: JoinGroupEvent | SyncGroupEvent | HeartbeatEvent | LeaveGroupEvent,
  ticket: Ticket,
  world: GroupWorld,
): readonly GroupEffect[] {
  switch (event.type) {
    case 'join-group':
      return decideClassicJoin(group, event, ticket, world)
    case 'sync-group':
      return decideClassicSync(group, event, ticket, world)
    case 'heartbeat':
      return decideClassicHeartbeat(group, event, ticket, world)
    case 'leave-group':
      return decideClassicLeave(group, event, ticket, world)
  }
}
