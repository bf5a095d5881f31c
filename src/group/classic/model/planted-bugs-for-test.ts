/** Bugs planted around the group's decisions, never in their source: the walk is worth what it finds of
 *  them. */

import type { GroupEffect } from '../../world.ts'
import type { Decide } from '../coordinator-for-test.ts'
import { decideClassic } from '../decide.ts'

/** One bug. */
export interface PlantedBug {
  /** What goes wrong with it. */
  readonly sentence: string
  readonly decide: Decide
}

/** Decides right and then loses some of what comes of it. */
function losing(isLost: (effect: GroupEffect, type: string) => boolean): Decide {
  return (group, event, ticket, world) =>
    decideClassic(group, event, ticket, world).filter((effect) => !isLost(effect, event.type))
}

const codeOf = (effect: GroupEffect): number | undefined =>
  // Every answer of the classic protocol has a code.
  effect.type === 'reply' ? (effect.answer as { errorCode: number }).errorCode : undefined

const FENCED = 82
const REBALANCING = 27

export const plantedBugs: Readonly<Record<string, PlantedBug>> = {
  'any-generation': {
    sentence: 'members of every generation are accepted',
    decide(group, event, ticket, world) {
      const isChecked = event.type === 'heartbeat' || event.type === 'sync-group'
      if (group === undefined || !isChecked) return decideClassic(group, event, ticket, world)
      const request = { ...event.request, generationId: group.generation }
      const current = { ...event, request } as typeof event
      return decideClassic(group, current, ticket, world)
    },
  },
  'no-fence': {
    sentence: 'a static member is known by its instance id alone',
    decide(group, event, ticket, world) {
      const holder =
        event.type === 'heartbeat' || event.type === 'sync-group'
          ? group?.staticMembers.get(event.request.groupInstanceId ?? '')
          : undefined
      if (holder === undefined) return decideClassic(group, event, ticket, world)
      const request = { ...(event as { request: object }).request, memberId: holder }
      return decideClassic(group, { ...event, request } as typeof event, ticket, world)
    },
  },
  'fenced-forgotten': {
    sentence: 'nobody tells a process that waits that its instance has started again',
    decide: losing((effect) => codeOf(effect) === FENCED),
  },
  'waiters-forgotten': {
    sentence: 'who waits for an assignment is not told that there is none',
    decide: losing((effect, type) => type === 'join-group' && codeOf(effect) === REBALANCING),
  },
  'successor-unrecorded': {
    sentence: 'the new id of a static member is not written down',
    decide: (group, event, ticket, world) => {
      const effects = decideClassic(group, event, ticket, world)
      const isRestart = event.type === 'join-group' && group?.phase === 'stable'
      return isRestart ? effects.filter(({ type }) => type !== 'append') : effects
    },
  },
  'told-too-early': {
    sentence: 'members are told their parts before these are on record',
    decide(group, event, ticket, world) {
      const effects = decideClassic(group, event, ticket, world)
      if (event.type !== 'sync-group') return effects
      const isReply = ({ type }: GroupEffect) => type === 'reply'
      return [...effects.filter(isReply), ...effects.filter((effect) => !isReply(effect))]
    },
  },
  'silence-forgiven': {
    sentence: 'members whose session has expired stay',
    decide: (group, event, ticket, world) =>
      event.type === 'classic-session-expired' ? [] : decideClassic(group, event, ticket, world),
  },
  'heartbeats-in-vain': {
    sentence: 'heartbeats do not renew the session',
    decide: losing((effect, type) => type === 'heartbeat' && effect.type === 'timer'),
  },
  'timers-mixed-up': {
    sentence: 'the timer of a rebalance is that of any member who is given an id',
    decide: (group, event, ticket, world) =>
      decideClassic(group, event, ticket, world).map((effect) =>
        effect.type === 'timer' && effect.event.type === 'classic-pending-expired'
          ? { ...effect, key: `${effect.event.groupId}/classic-join` }
          : effect,
      ),
  },
  'two-leaders': {
    sentence: 'a member that joins last believes to lead',
    decide: (group, event, ticket, world) =>
      decideClassic(group, event, ticket, world).map((effect) => {
        if (event.type !== 'join-group' || codeOf(effect) !== 0) return effect
        if (effect.type !== 'reply' || effect.to !== ticket) return effect
        // An answer to a join, for that is what was asked.
        const answer = effect.answer as { memberId: string }
        const members = [{ memberId: answer.memberId, metadata: new Uint8Array() }]
        return { ...effect, answer: { ...answer, leader: answer.memberId, members } }
      }),
  },
}
