/** What each part of the contract in `contract.ts` is given. */

import { randomUUID } from 'node:crypto'
import type { MemberOptions, MemberTraits, OpenMember } from './member.ts'
import type { MemberProcess } from './member-process.ts'
import type { Stage } from './scene.ts'

/** How a client's members come to be. */
export interface Openers {
  /** In whichever process is cheapest. */
  readonly open: OpenMember
  /** Starts a process for members that shall be killed or frozen. */
  readonly start: () => MemberProcess
  /** Ends what `open` started. */
  readonly close?: () => Promise<void>
  /** How many members share the partitions of a large group. Absent: 20. */
  readonly manyMembers?: number
}

/** What each part of the contract is given. */
export interface Given {
  readonly traits: MemberTraits
  readonly openers: Openers
  readonly stage: () => Stage
}

/** Options of a usual member, in a group of its own. */
export function usual(topic: string, more: Partial<MemberOptions> = {}): MemberOptions {
  return {
    groupId: `group-${randomUUID()}`,
    topics: [topic],
    commits: 'automatic',
    reset: 'earliest',
    ...more,
  }
}
