/** Groups of the classic protocol: members agree among themselves who reads what; the coordinator
 *  brings them together. This file is their centre, the state of one. `decide.ts` leads to what each
 *  event does with it, `rebalance.ts` to what these have in common. */

import type { Ticket } from '../../coordinator/machine.ts'
import { ImmutableMap } from '../../metadata/immutable-map.ts'

/*
 *  empty ──join──▶ preparing-rebalance ──all joined, or time over──▶ completing-rebalance
 *    ▲                  │  ▲                                         │    │
 *    └─ nobody is left ─┘  ├─ a member joins anew, leaves, is silent ─┘    │ the leader syncs
 *                          └─ the same, or does not sync in time ── stable ◀┘
 *  dead: deleted; only seen by those who hold an old reference
 */
export type ClassicPhase =
  | 'empty'
  | 'preparing-rebalance'
  | 'completing-rebalance'
  | 'stable'
  | 'dead'

/** A way of dividing the work that a member offers, with what it tells the leader under it. */
export interface ClassicProtocol {
  readonly name: string
  readonly metadata: Uint8Array
}

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
  /** By preference, no name twice. After loading only the chosen one. */
  readonly protocols: readonly ClassicProtocol[]
  readonly assignment: Uint8Array
  /** Its JoinGroup that waits for the others. */
  readonly joining: Ticket | undefined
  /** Its SyncGroup that waits for the leader. */
  readonly syncing: Ticket | undefined
  /** Has not been told of its membership yet: another timeout holds, and waiting does not renew it. */
  readonly isNew: boolean
}

export interface ClassicGroup {
  readonly type: 'classic'
  readonly groupId: string
  readonly phase: ClassicPhase
  /** When it entered its phase, wall clock; undefined: its record is too old to say. */
  readonly phaseSinceMs: number | undefined
  readonly generation: number
  /** `consumer`, `connect`, …; null until somebody joined. */
  readonly protocolType: string | null
  readonly protocolName: string | null
  readonly leaderId: string | null
  /** By member id. Changed by `members.ts` only, which keeps in step what is derived from it. */
  readonly members: ImmutableMap<ClassicMember>
  /** Member ids by group instance id. Derived. */
  readonly staticMembers: ImmutableMap<string>
  /** How many members have a JoinGroup waiting. Derived. */
  readonly joiningCount: number
  /** How many members offer each protocol. Derived. */
  readonly protocolCounts: ImmutableMap<number>
  /** Ids that were given out and not used yet (KIP-394). There may be very many. */
  readonly pendingJoin: ImmutableMap<true>
  /** Members that have not asked for their assignment in this generation. */
  readonly pendingSync: ReadonlySet<string>
  /** Prepares its first rebalance since it was empty, which waits a while for more members. */
  readonly isFirstRebalance: boolean
  /** Somebody joined while the first members were waited for. */
  readonly hasNewMember: boolean
  /** Ms that the first rebalance of an empty group may still be put off. */
  readonly initialDelayLeftMs: number
  /** Topics that its members consume, by their subscriptions; undefined when they do not tell. */
  readonly subscribedTopics: ReadonlySet<string> | undefined
}

const NOBODY = ImmutableMap.empty<never>()

/** A group that nobody ever joined: what the first member, or the first offset, finds. */
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
    members: NOBODY,
    staticMembers: NOBODY,
    joiningCount: 0,
    protocolCounts: NOBODY,
    pendingJoin: NOBODY,
    pendingSync: new Set(),
    isFirstRebalance: false,
    hasNewMember: false,
    initialDelayLeftMs: 0,
    subscribedTopics: undefined,
  }
}
