/** Bugs planted around a consumer group, never in its source: the model test is worth what it finds of
 *  them. */

import { ImmutableMap } from '../../../metadata/immutable-map.ts'
import type { GroupRecord } from '../../records.ts'
import type { GroupEffect } from '../../world.ts'
import { applyConsumer } from '../apply.ts'
import type { checkConsumerCommit } from '../commit-check.ts'
import type { Decide } from '../coordinator-for-test.ts'
import { decideConsumer } from '../decide.ts'
import type { ConsumerGroup } from '../group.ts'

/** One bug. */
export interface PlantedBug {
  /** What goes wrong with it. */
  readonly sentence: string
  readonly decide?: Decide
  readonly mayCommit?: typeof checkConsumerCommit
}

/** Decides about another group than there is. What it changes comes to the one that there is. */
function seeing(other: (group: ConsumerGroup) => ConsumerGroup): Decide {
  return (group, event, ticket, world) => {
    let after = group
    const effects = decideConsumer(group && other(group), event, ticket, world)
    return effects.map((effect): GroupEffect => {
      if (effect.type === 'append') after = applied(after, effect.record)
      if (effect.type !== 'note' || after === undefined) return effect
      return { type: 'note', note: { group: { ...after, isMetadataStale: false } } }
    })
  }
}

function applied(group: ConsumerGroup | undefined, record: GroupRecord): ConsumerGroup | undefined {
  const isOther = record.type === 'offset' || record.type === 'classic-group'
  return isOther ? group : applyConsumer(group, record)
}

/** Carries out other effects than were decided. */
function doing(
  other: (effect: GroupEffect, group: ConsumerGroup | undefined) => readonly GroupEffect[],
): Decide {
  return (group, event, ticket, world) =>
    decideConsumer(group, event, ticket, world).flatMap((effect) => other(effect, group))
}

const forgetsTimer = (suffix: string): Decide =>
  doing((effect) => (effect.type === 'timer' && effect.key.endsWith(suffix) ? [] : [effect]))

/** Remembers, as the bug's own, who ever held what. */
function neverFree(): Decide {
  const held = new Map<string, string>()
  return seeing((group) => {
    for (const [key, memberId] of group.holders) held.set(key, memberId)
    return { ...group, holders: group.holders.with(held) }
  })
}

/** Heartbeats of whoever is behind count as if they were not. */
const believing: Decide = (group, event, ticket, world) => {
  if (event.type !== 'consumer-group-heartbeat' || event.request.memberEpoch <= 0) {
    return decideConsumer(group, event, ticket, world)
  }
  const memberEpoch = group?.members.get(event.request.memberId)?.memberEpoch ?? 0
  const request = { ...event.request, memberEpoch: memberEpoch > 0 ? memberEpoch : 1 }
  return decideConsumer(group, { ...event, request }, ticket, world)
}

/** The group moves on, but one kind of its records is lost. */
const unrecorded: Decide = (group, event, ticket, world) => {
  let after = group
  return decideConsumer(group, event, ticket, world).map((effect): GroupEffect => {
    if (effect.type !== 'append') return effect
    after = applied(after, effect.record)
    const isLost = effect.record.type === 'consumer-target-member'
    return isLost && after !== undefined ? { type: 'note', note: { group: after } } : effect
  })
}

export const plantedBugs = {
  'handed over too early': {
    sentence: 'A partition is given to the next member before the last one has given it up.',
    decide: seeing((group) => ({ ...group, holders: ImmutableMap.empty() })),
  },
  'never free again': {
    sentence: 'A partition that somebody had is never free again.',
    decide: neverFree(),
  },
  'stale members believed': {
    sentence: 'A heartbeat in an old epoch is taken for one in the current.',
    decide: believing,
  },
  'revocation without end': {
    sentence: 'A member that heartbeats may hold on to what it must give up for ever.',
    decide: forgetsTimer('revocation'),
  },
  'sessions without end': {
    sentence: 'A member that fell silent is never removed.',
    decide: forgetsTimer('session'),
  },
  'assignment not told': {
    sentence: 'A member hears of its assignment only when it joins.',
    decide: doing((effect, group) => {
      if (effect.type !== 'reply' || !('memberId' in effect.answer)) return [effect]
      const isMember = group?.members.has(String(effect.answer.memberId)) === true
      return isMember ? [{ ...effect, answer: { ...effect.answer, assignment: null } }] : [effect]
    }),
  },
  'topics not noticed': {
    sentence: 'A group does not look again at topics that have changed.',
    decide: seeing((group) => ({ ...group, isMetadataStale: false })),
  },
  'target not recorded': {
    sentence: 'What members shall have is kept in memory alone.',
    decide: unrecorded,
  },
  'old holders commit': {
    sentence: 'A member may commit in any epoch that it was ever in.',
    mayCommit: () => () => {},
  },
} as const satisfies Record<string, PlantedBug>

export type PlantedBugName = keyof typeof plantedBugs
