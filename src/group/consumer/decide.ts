/**
 * The events of a consumer group (KIP-848), one file each: `heartbeat.ts`, `leave.ts`, `overdue.ts`.
 * Their steps work on a `Draft` of the decision, and serve members of the classic protocol in the same
 * group as well:
 *
 *   checkSize(group, memberId, world)            refuses strangers of a full group   heartbeat.ts
 *   memberOf(draft, sender)                      finds, begins or replaces a member  sender.ts
 *   saidOver(member, said)                       what it says over what it said      said.ts
 *   takeSubscription(draft, member, said)        records that, resolves patterns     subscription.ts
 *   updateEpoch(draft, isChanged)                begins a new epoch if needed        epoch.ts
 *   updateTarget(draft, speaker)                 computes a new target if needed     target.ts
 *   advance(draft, member, progress)             a step closer to the target         advance.ts
 *   fenceMembers(draft, members)                 removes members                     fence.ts
 *   removeMembers(group, members, world)         … or turns the group classic again  remove.ts
 *   keepSession, startTimer, cancelTimer         timers of a member                  timers.ts
 *   groupRecords, groupTombstones                all of a group, and its end         records.ts
 */

import type { Ticket } from '../../coordinator/machine.ts'
import type { ConsumerHeartbeatEvent, ConsumerTimeEvent } from '../events.ts'
import type { GroupEffect, GroupWorld } from '../world.ts'
import { type ConsumerGroup, LEAVES, LEFT_FOR_NOW } from './group.ts'
import { decideHeartbeat } from './heartbeat.ts'
import { decideLeave } from './leave.ts'
import { decideOverdue } from './overdue.ts'
import { validateHeartbeat } from './validate-heartbeat.ts'

/**
 * Decides what an event means for a consumer group.
 * @param group undefined when there is none of that id.
 * @throws KafkaError to refuse a heartbeat, see the events' own files.
 */
export function decideConsumer(
  group: ConsumerGroup | undefined,
  event: ConsumerHeartbeatEvent | ConsumerTimeEvent,
  ticket: Ticket,
  world: GroupWorld,
): readonly GroupEffect[] {
  switch (event.type) {
    case 'consumer-group-heartbeat': {
      const { memberEpoch } = event.request
      validateHeartbeat(event.request, event.caller.apiVersion, world.broker)
      const leaves = memberEpoch === LEAVES || memberEpoch === LEFT_FOR_NOW
      return (leaves ? decideLeave : decideHeartbeat)(group, event, ticket, world)
    }
    case 'consumer-session-expired':
    case 'consumer-revocation-over':
    case 'consumer-classic-join-over':
    case 'consumer-classic-sync-over':
      return decideOverdue(group, event, world)
  }
}
