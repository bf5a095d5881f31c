import type { Caller, ConsumerHeartbeatEvent } from '../events.ts'
import type { ConsumerMember } from './group.ts'

/**
 * What a member says of itself in a heartbeat, over what it said before: null and -1 mean unchanged.
 * @returns `member` itself when nothing changed, as in nearly every heartbeat.
 */
export function saidInHeartbeat(
  member: ConsumerMember,
  request: ConsumerHeartbeatEvent['request'],
  caller: Caller,
): ConsumerMember {
  const { rebalanceTimeoutMs, subscribedTopicNames } = request
  return saidOver(member, {
    instanceId: request.instanceId ?? member.instanceId,
    rackId: request.rackId ?? member.rackId,
    clientId: caller.clientId,
    clientHost: caller.clientHost,
    rebalanceTimeoutMs: rebalanceTimeoutMs === -1 ? member.rebalanceTimeoutMs : rebalanceTimeoutMs,
    subscribedTopicNames:
      subscribedTopicNames === null ? member.subscribedTopicNames : namesOf(subscribedTopicNames),
    subscribedTopicRegex: request.subscribedTopicRegex ?? member.subscribedTopicRegex,
    serverAssignor: request.serverAssignor ?? member.serverAssignor,
    classic: null,
  })
}

/** What a member says of itself. */
export type Said = Pick<
  ConsumerMember,
  | 'instanceId'
  | 'rackId'
  | 'clientId'
  | 'clientHost'
  | 'rebalanceTimeoutMs'
  | 'subscribedTopicNames'
  | 'subscribedTopicRegex'
  | 'serverAssignor'
  | 'classic'
>

/** @returns `member` itself when it said nothing else before. */
export function saidOver(member: ConsumerMember, said: Said): ConsumerMember {
  const names = sameNames(member.subscribedTopicNames, said.subscribedTopicNames)
    ? member.subscribedTopicNames
    : said.subscribedTopicNames
  const isSame =
    names === member.subscribedTopicNames &&
    said.instanceId === member.instanceId &&
    said.rackId === member.rackId &&
    said.clientId === member.clientId &&
    said.clientHost === member.clientHost &&
    said.rebalanceTimeoutMs === member.rebalanceTimeoutMs &&
    said.subscribedTopicRegex === member.subscribedTopicRegex &&
    said.serverAssignor === member.serverAssignor &&
    sameClassic(said.classic, member.classic)
  return isSame ? member : { ...member, ...said, subscribedTopicNames: names }
}

/** Topic names as a member keeps them. */
export function namesOf(topics: readonly string[]): readonly string[] {
  return [...new Set(topics)].sort()
}

/** @returns whether two members subscribe to the same names. */
export function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((name, index) => name === b[index]))
}

function sameClassic(a: ConsumerMember['classic'], b: ConsumerMember['classic']): boolean {
  if (a === null || b === null) return a === b
  return (
    a.sessionTimeoutMs === b.sessionTimeoutMs &&
    a.protocols.length === b.protocols.length &&
    a.protocols.every(({ name, metadata }, index) => {
      const other = b.protocols[index]
      return other?.name === name && Buffer.compare(other.metadata, metadata) === 0
    })
  )
}
