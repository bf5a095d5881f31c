import { errors, KafkaError } from '../../../protocol/errors.ts'
import { type ClassicCommitter, checkClassicCommit } from '../commit-check.ts'
import type { Decide } from '../coordinator-for-test.ts'
import type { ClassicGroup } from '../group.ts'
import { must } from './violation-for-test.ts'

/** Decides as `decide` does and looks at who is accepted: a member of this generation, and nobody else,
 *  under the id that its instance has now. */
export function guarded(decide: Decide): Decide {
  return (group, event, ticket, world) => {
    const effects = decide(group, event, ticket, world)
    if (event.type !== 'heartbeat' && event.type !== 'sync-group') return effects
    const { memberId, generationId, groupInstanceId } = event.request
    const refused = effects.some(
      (effect) => effect.type === 'reply' && effect.to === ticket && isRefusal(effect.answer),
    )
    if (!refused) mustBeMember(group, memberId, groupInstanceId, generationId)
    return effects
  }
}

/** To be told of a rebalance one has to be a member, too. */
function isRefusal(answer: object): boolean {
  // Every answer of these two requests has a code.
  const { errorCode } = answer as { errorCode: number }
  return errorCode !== 0 && errorCode !== errors.REBALANCE_IN_PROGRESS.code
}

/** Tries a commit. @throws Violation when it is accepted of somebody who may not. */
export function tryCommit(group: ClassicGroup, by: ClassicCommitter): void {
  try {
    checkClassicCommit(group, by)
  } catch (error) {
    if (error instanceof KafkaError) return
    throw error
  }
  const isOpen = by.generation < 0 && group.phase === 'empty'
  if (!isOpen) mustBeMember(group, by.memberId, by.instanceId, by.generation)
  must(group.phase !== 'completing-rebalance', () => 'a commit while the assignment is awaited')
}

function mustBeMember(
  group: ClassicGroup | undefined,
  memberId: string,
  instanceId: string | null,
  generation: number,
): void {
  must(
    group !== undefined && generation === group.generation,
    () => `${memberId} of generation ${generation} is accepted in ${group?.generation}`,
  )
  const member = group.members.get(memberId)
  must(
    member !== undefined && (instanceId === null || member.instanceId === instanceId),
    () => `${memberId} (instance ${instanceId}) is accepted and is no member`,
  )
}
