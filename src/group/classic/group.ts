/** Groups of the classic protocol: members agree among themselves who reads what; the coordinator
 *  brings them together. This file is their centre, the state of one. */

import type { Ticket } from '../../coordinator/machine.ts'
import { ImmutableMap } from '../../metadata/immutable-map.ts'

/*
 *  empty ──join──▶ preparing-rebalance ──all joined, or time over──▶ completing-rebalance
 *    ▲                  ▲   │ nobody joined                              │ leader syncs
 *    └──────────────────┼───┘                                            ▼
 *                       └── member joins, leaves, is silent ────────── stable
 *  dead: deleted; only seen by those who hold an old reference
 */
export type ClassicPhase =
  | 'empty'
  | 'preparing-rebalance'
  | 'completing-rebalance'
  | 'stable'
  | 'dead'

/** One member. What is not in the group's record is lost with the coordinator: `joining`, `syncing`,
 *  and who is new. */
export interface ClassicMember {
  readonly memberId: string
  /** Static membership (KIP-345). */
  readonly instanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly rebalanceTimeoutMs: number
  readonly sessionTimeoutMs: number
  /** By preference, with the member's subscription for each. After loading only the chosen one. */
  readonly protocols: readonly { readonly name: string; readonly metadata: Uint8Array }[]
  readonly assignment: Uint8Array
  /** Its JoinGroup that waits for the others. */
  readonly joining: Ticket | undefined
  /** Its SyncGroup that waits for the leader. */
  readonly syncing: Ticket | undefined
  /** Has not been told of its membership yet: a shorter timeout holds. */
  readonly isNew: boolean
}

export interface ClassicGroup {
  readonly type: 'classic'
  readonly groupId: string
  readonly phase: ClassicPhase
  /** When it entered its phase, wall clock. */
  readonly phaseSinceMs: number
  readonly generation: number
  /** `consumer`, `connect`, …; null until somebody joined or offsets were committed. */
  readonly protocolType: string | null
  readonly protocolName: string | null
  readonly leaderId: string | null
  /** By member id. */
  readonly members: ImmutableMap<ClassicMember>
  /** Member ids by group instance id. */
  readonly staticMembers: ImmutableMap<string>
  /** Ids that were given out and not used yet (KIP-394). */
  readonly pendingJoin: ReadonlySet<string>
  /** Members that have not asked for their assignment in this generation. */
  readonly pendingSync: ReadonlySet<string>
  /** Somebody joined while the first members were waited for. */
  readonly hasNewMember: boolean
  /** Ms that the first rebalance of an empty group may still be put off. */
  readonly initialDelayLeftMs: number
  /** Topics that its members consume, by their subscriptions; undefined when they do not tell. */
  readonly subscribedTopics: ReadonlySet<string> | undefined
}

export function emptyClassicGroup(groupId: string, nowMs: number): ClassicGroup {
  return {
    type: 'classic',
    groupId,
    phase: 'empty',
    phaseSinceMs: nowMs,
    generation: 0,
    protocolType: null,
    protocolName: null,
    leaderId: null,
    members: ImmutableMap.empty(),
    staticMembers: ImmutableMap.empty(),
    pendingJoin: new Set(),
    pendingSync: new Set(),
    hasNewMember: false,
    initialDelayLeftMs: 0,
    subscribedTopics: undefined,
  }
}
