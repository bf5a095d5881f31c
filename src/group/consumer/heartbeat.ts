import type { Ticket } from '../../coordinator/machine.ts'
import { KafkaError } from '../../protocol/errors.ts'
import type { ConsumerHeartbeatEvent, GroupAnswers } from '../events.ts'
import type { GroupEffect, GroupWorld } from '../world.ts'
import { advance } from './advance.ts'
import { Draft } from './draft.ts'
import { updateEpoch } from './epoch.ts'
import { type ConsumerGroup, type ConsumerMember, emptyConsumerGroup, JOINS } from './group.ts'
import { namedPartitions, sameHeld } from './partitions.ts'
import { saidInHeartbeat } from './said.ts'
import { memberOf } from './sender.ts'
import { takeSubscription } from './subscription.ts'
import { updateTarget } from './target.ts'
import { keepSession } from './timers.ts'

/**
 * A member joins, or goes on: the group takes over what it says, finds out whether it needs another
 * assignment, and brings the member a step closer to its own. A heartbeat that changes nothing costs a
 * few look-ups.
 * @throws KafkaError GROUP_ID_NOT_FOUND, GROUP_MAX_SIZE_REACHED, INVALID_REGULAR_EXPRESSION, and those
 *   of `memberOf` and `advance`.
 */
export function decideHeartbeat(
  known: ConsumerGroup | undefined,
  { request, caller, freshId }: ConsumerHeartbeatEvent,
  ticket: Ticket,
  world: GroupWorld,
): readonly GroupEffect[] {
  const { groupId } = request
  const joins = request.memberEpoch === JOINS
  const group = known ?? (joins ? emptyConsumerGroup(groupId) : noGroup(groupId))
  checkSize(group, request.memberId, world)
  const draft = new Draft(group, world)
  const before = memberOf(draft, {
    memberId: request.memberId || freshId,
    instanceId: request.instanceId,
    mayJoin: joins,
    claim: { epoch: request.memberEpoch, owned: request.topicPartitions },
  })
  const said = saidInHeartbeat(before, request, caller)
  const change = takeSubscription(draft, before, said)
  updateEpoch(draft, change.ofGroup)
  updateTarget(draft, said.memberId)
  const after = advance(draft, said, {
    owned: request.topicPartitions,
    hasNewSubscription: change.ofMember,
  })
  const answer = answerTo(request, before, after, world)
  draft.push(keepSession(groupId, after.memberId, world), { type: 'reply', to: ticket, answer })
  return draft.effects
}

function noGroup(groupId: string): never {
  throw new KafkaError('GROUP_ID_NOT_FOUND', `there is no group ${groupId}`)
}

/** @throws KafkaError GROUP_MAX_SIZE_REACHED for a stranger to a group that is full. */
export function checkSize(group: ConsumerGroup, memberId: string, { broker }: GroupWorld): void {
  const limit = broker['group.consumer.max.size']
  if (group.members.size < limit || group.members.has(memberId)) return
  const detail = `group ${group.groupId} has ${group.members.size} of at most ${limit} members`
  throw new KafkaError('GROUP_MAX_SIZE_REACHED', detail)
}

/** The assignment is told when the member cannot know it: it joins, tells all of itself, or is given
 *  another. */
function answerTo(
  request: ConsumerHeartbeatEvent['request'],
  before: ConsumerMember,
  after: ConsumerMember,
  world: GroupWorld,
): GroupAnswers['consumer-group-heartbeat'] {
  const tellsAll =
    request.rebalanceTimeoutMs !== -1 &&
    (request.subscribedTopicNames !== null || request.subscribedTopicRegex !== null) &&
    request.topicPartitions !== null
  const mustKnow =
    request.memberEpoch === JOINS || tellsAll || !sameHeld(before.assigned, after.assigned)
  return {
    errorCode: 0,
    memberId: after.memberId,
    memberEpoch: after.memberEpoch,
    heartbeatIntervalMs: world.groupConfig(request.groupId)['consumer.heartbeat.interval.ms'],
    assignment: mustKnow ? { topicPartitions: namedPartitions(after.assigned) } : null,
  }
}
