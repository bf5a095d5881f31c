import type { Ticket } from '../../coordinator/machine.ts'
import type {
  ClassicTimeEvent,
  HeartbeatEvent,
  JoinGroupEvent,
  LeaveGroupEvent,
  SyncGroupEvent,
} from '../events.ts'
import type { GroupEffect, GroupWorld } from '../world.ts'
import type { ClassicGroup } from './group.ts'
import { decideHeartbeat } from './heartbeat.ts'
import { decideInitialDelayOver } from './initial-delay-over.ts'
import { decideJoin } from './join.ts'
import { decideJoinOver } from './join-over.ts'
import { decideLeave } from './leave.ts'
import { decidePendingExpired } from './pending-expired.ts'
import { decideSessionExpired } from './session-expired.ts'
import { decideSync } from './sync.ts'
import { decideSyncOver } from './sync-over.ts'

/** Everything that happens to a classic group. */
export type ClassicEvent =
  | JoinGroupEvent
  | SyncGroupEvent
  | HeartbeatEvent
  | LeaveGroupEvent
  | ClassicTimeEvent

/**
 * Decides what an event means for a classic group. Refusals of requests are answers, with the fields
 * that Kafka fills beside the code.
 * @param group undefined: there is none of that id.
 */
export function decideClassic(
  group: ClassicGroup | undefined,
  event: ClassicEvent,
  ticket: Ticket,
  world: GroupWorld,
): readonly GroupEffect[] {
  switch (event.type) {
    case 'join-group':
      return decideJoin(group, event, ticket, world)
    case 'sync-group':
      return decideSync(group, event, ticket, world)
    case 'heartbeat':
      return decideHeartbeat(group, event, ticket, world)
    case 'leave-group':
      return decideLeave(group, event, ticket, world)
    default:
      return group === undefined ? [] : decideTime(group, event, world)
  }
}

function decideTime(
  group: ClassicGroup,
  event: ClassicTimeEvent,
  world: GroupWorld,
): readonly GroupEffect[] {
  switch (event.type) {
    case 'classic-session-expired':
      return decideSessionExpired(group, event.memberId, world)
    case 'classic-pending-expired':
      return decidePendingExpired(group, event.memberId, world)
    case 'classic-initial-delay-over':
      return decideInitialDelayOver(group, event.generation, world)
    case 'classic-join-over':
      return decideJoinOver(group, event.generation, world)
    case 'classic-sync-over':
      return decideSyncOver(group, event.generation, world)
  }
}
