/** What a classic group has to say about a commit of offsets. */

import { KafkaError } from '../../protocol/errors.ts'
import type { GroupEffect, GroupWorld } from '../world.ts'
import type { ClassicGroup } from './group.ts'
import { membershipError } from './members.ts'
import { keepAlive } from './timers.ts'
import { Turn } from './turn.ts'

/** Who commits, as OffsetCommit and TxnOffsetCommit say it. */
export interface ClassicCommitter {
  readonly memberId: string
  readonly instanceId: string | null
  /** Negative: none, as of consumers that assign themselves their partitions. */
  readonly generation: number
  readonly isTransactional: boolean
  readonly apiVersion: number
}

/**
 * Refuses commits of those who do not own what they read. Without a generation anybody may commit to
 * an empty group; within a transaction also to others, since clients before KIP-447 knew no better.
 * @throws KafkaError UNKNOWN_MEMBER_ID | FENCED_INSTANCE_ID | ILLEGAL_GENERATION of a stranger or a
 *   member of an earlier generation, REBALANCE_IN_PROGRESS while the assignment is awaited,
 *   COORDINATOR_NOT_AVAILABLE of a deleted group.
 */
export function checkClassicCommit(group: ClassicGroup, by: ClassicCommitter): void {
  const { groupId, phase } = group
  if (phase === 'dead') throw new KafkaError('COORDINATOR_NOT_AVAILABLE')
  if (by.generation < 0 && phase === 'empty') return
  if (by.generation >= 0 || by.memberId !== '' || by.instanceId !== null) checkMember(group, by)
  else if (!by.isTransactional && phase !== 'empty') {
    throw new KafkaError('UNKNOWN_MEMBER_ID', `group ${groupId} has members: only they may commit`)
  }
  if (!by.isTransactional && phase === 'completing-rebalance') {
    throw new KafkaError('REBALANCE_IN_PROGRESS', `group ${groupId} awaits its assignment`)
  }
}

function checkMember(group: ClassicGroup, by: ClassicCommitter): void {
  const error = membershipError(group, by.memberId, by.instanceId)
  if (error !== undefined) {
    throw new KafkaError(error, `member ${by.memberId} commits to group ${group.groupId}`)
  }
  if (by.generation === group.generation) return
  throw new KafkaError(
    'ILLEGAL_GENERATION',
    `group ${group.groupId} is in generation ${group.generation}, not ${by.generation}`,
  )
}

/** An accepted commit, outside a transaction, is a sign of life of its member. */
export function classicCommitEffects(
  group: ClassicGroup,
  memberId: string,
  world: GroupWorld,
): readonly GroupEffect[] {
  const member = group.members.get(memberId)
  const isHeard = group.phase === 'stable' || group.phase === 'preparing-rebalance'
  if (member === undefined || !isHeard) return []
  const turn = new Turn(group, world)
  keepAlive(turn, member)
  return turn.effects()
}
