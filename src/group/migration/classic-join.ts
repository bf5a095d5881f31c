import type { Ticket } from '../../coordinator/machine.ts'
import { errors, KafkaError } from '../../protocol/errors.ts'
import { notJoined } from '../classic/answers.ts'
import { sessionTimeoutError } from '../classic/join.ts'
import { termsOf } from '../classic/join-member.ts'
import { REQUIRES_MEMBER_ID } from '../classic/join-new.ts'
import { CONSUMER_PROTOCOL_TYPE } from '../classic/protocols.ts'
import { advance } from '../consumer/advance.ts'
import { Draft } from '../consumer/draft.ts'
import { updateEpoch } from '../consumer/epoch.ts'
import {
  type ClassicSide,
  type ConsumerGroup,
  type ConsumerMember,
  isReconciled,
} from '../consumer/group.ts'
import { checkSize } from '../consumer/heartbeat.ts'
import { namesOf, saidOver } from '../consumer/said.ts'
import { memberOf, memberOfInstance } from '../consumer/sender.ts'
import { takeSubscription } from '../consumer/subscription.ts'
import { updateTarget } from '../consumer/target.ts'
import { keepSession } from '../consumer/timers.ts'
import type { JoinGroupEvent } from '../events.ts'
import type { GroupEffect, GroupWorld } from '../world.ts'
import { limitSync } from './classic-session.ts'
import { downgrade, endsByReplacing } from './downgrade.ts'
import { ownedPartitions, readSubscription, type Subscription } from './embedded.ts'
import { mayMix } from './policy.ts'

/** What a member brings with its JoinGroup. */
interface Joining {
  readonly memberId: string
  readonly subscription: Subscription
  readonly rebalanceTimeoutMs: number
  readonly classic: ClassicSide
}

/**
 * A JoinGroup: a member says what it wants and what it holds, and is taken a step closer to its target.
 * Answered at once, with its member epoch as generation. A static one that takes over the last member
 * of the consumer protocol makes the group a classic one.
 * @throws KafkaError INVALID_SESSION_TIMEOUT, INCONSISTENT_GROUP_PROTOCOL, GROUP_MAX_SIZE_REACHED,
 *   UNKNOWN_SERVER_ERROR for metadata that is no subscription, and those of `memberOf`.
 */
export function decideClassicJoin(
  group: ConsumerGroup,
  event: JoinGroupEvent,
  ticket: Ticket,
  world: GroupWorld,
): readonly GroupEffect[] {
  const { request, caller } = event
  const error = sessionTimeoutError(event, world)
  if (error !== undefined) throw new KafkaError(error)
  const memberId = request.memberId || event.freshId
  checkJoin(group, memberId, request, world)
  const mustKnowItsId = request.memberId === '' && request.groupInstanceId === null
  if (mustKnowItsId && caller.apiVersion >= REQUIRES_MEMBER_ID) {
    const answer = notJoined('MEMBER_ID_REQUIRED', memberId)
    return [{ type: 'reply', to: ticket, answer }]
  }
  const joining = joiningOf(event, memberId)
  const draft = new Draft(group, world)
  const before = memberOf(draft, {
    memberId,
    instanceId: request.groupInstanceId,
    mayJoin: request.groupInstanceId === null || request.memberId === '',
    claim: undefined,
  })
  const after = takeFurther(draft, event, before, joining)
  draft.push({ type: 'reply', to: ticket, answer: joined(after, joining.classic) })
  return draft.effects
}

function checkJoin(
  group: ConsumerGroup,
  memberId: string,
  { protocolType, protocols }: JoinGroupEvent['request'],
  world: GroupWorld,
): void {
  const { groupId } = group
  if (!mayMix(world.broker)) {
    const detail = `classic members cannot join consumer group ${groupId}: migration is disabled`
    throw new KafkaError('INCONSISTENT_GROUP_PROTOCOL', detail)
  }
  checkSize(group, memberId, world)
  const offered = new Set(protocols.map(({ name }) => name))
  if (protocolType === CONSUMER_PROTOCOL_TYPE && sharesProtocol(group, offered)) return
  const detail = `classic members of ${groupId} do not all know a protocol that ${memberId} offers`
  throw new KafkaError('INCONSISTENT_GROUP_PROTOCOL', detail)
}

/** Whether all classic members know one of these: the day they are on their own they must agree. */
function sharesProtocol(group: ConsumerGroup, offered: ReadonlySet<string>): boolean {
  const shared = new Set(offered)
  for (const { classic } of group.members.values()) {
    if (classic === null) continue
    const known = new Set(classic.protocols.map(({ name }) => name))
    for (const name of shared) if (!known.has(name)) shared.delete(name)
  }
  return shared.size > 0
}

function joiningOf(event: JoinGroupEvent, memberId: string): Joining {
  const { protocols, sessionTimeoutMs, rebalanceTimeoutMs } = termsOf(event)
  return {
    memberId,
    rebalanceTimeoutMs,
    classic: { sessionTimeoutMs, protocols },
    subscription: subscriptionOf(protocols[0]!.metadata),
  }
}

function subscriptionOf(metadata: Uint8Array): Subscription {
  try {
    return readSubscription(metadata)
  } catch (cause) {
    const detail = 'the first protocol does not hold a subscription'
    throw new KafkaError('UNKNOWN_SERVER_ERROR', detail, { cause })
  }
}

/** @returns the member after its step. */
function takeFurther(
  draft: Draft,
  event: JoinGroupEvent,
  before: ConsumerMember,
  joining: Joining,
): ConsumerMember {
  const { before: group, world } = draft
  const { groupId } = group
  const said = saidByJoining(before, event, joining)
  const change = takeSubscription(draft, before, said)
  const hasNewSubscription = change.ofMember || change.ofGroup
  updateEpoch(draft, hasNewSubscription)
  const progress = {
    owned: ownedPartitions(joining.subscription, world.image),
    hasNewSubscription,
  }
  const replaced = memberOfInstance(group, event.request.groupInstanceId)
  if (replaced !== undefined && endsByReplacing(group, replaced, world)) {
    const { epoch, targetEpoch } = draft.group
    const after = targetEpoch < epoch ? said : advance(draft, said, progress)
    const staying = [...draft.group.members.values()]
    const mustRebalance = !staying.every((member) => isReconciled(member, epoch))
    draft.push(
      ...downgrade(
        draft.group,
        { staying, newcomer: after, generation: group.epoch, mustRebalance },
        world,
      ),
    )
    return after
  }
  updateTarget(draft, said.memberId)
  const after = advance(draft, said, progress)
  const { memberId, rebalanceTimeoutMs, classic } = joining
  draft.push(
    keepSession(groupId, memberId, world, classic.sessionTimeoutMs),
    ...limitSync(groupId, memberId, rebalanceTimeoutMs, world),
  )
  return after
}

function saidByJoining(
  member: ConsumerMember,
  { request, caller }: JoinGroupEvent,
  { subscription, rebalanceTimeoutMs, classic }: Joining,
): ConsumerMember {
  return saidOver(member, {
    instanceId: request.groupInstanceId ?? member.instanceId,
    rackId: subscription.rackId || member.rackId,
    clientId: caller.clientId,
    clientHost: caller.clientHost,
    rebalanceTimeoutMs: rebalanceTimeoutMs === -1 ? member.rebalanceTimeoutMs : rebalanceTimeoutMs,
    subscribedTopicNames: namesOf(subscription.topics),
    subscribedTopicRegex: '',
    serverAssignor: member.serverAssignor,
    classic,
  })
}

function joined({ memberId, memberEpoch }: ConsumerMember, { protocols }: ClassicSide) {
  return {
    errorCode: errors.NONE.code,
    generationId: memberEpoch,
    protocolType: CONSUMER_PROTOCOL_TYPE,
    protocolName: protocols[0]!.name,
    leader: '',
    memberId,
    members: [],
  }
}
