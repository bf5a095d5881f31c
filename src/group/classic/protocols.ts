/** What members offer to speak, which of it is chosen, and what the coordinator understands of it. */

import { assert } from '../../kernel/assert.ts'
import { EMPTY_BYTES, equalBytes } from '../../kernel/bytes.ts'
import { decodeNext } from '../../protocol/codec.ts'
import { KafkaError } from '../../protocol/errors.ts'
import { consumerProtocolSubscription } from '../../protocol/internal/consumer-protocol.ts'
import { Reader } from '../../protocol/reader.ts'
import { JavaHashSet, stringHash } from '../assignors/java-hash.ts'
import type { ClassicGroup, ClassicMember, ClassicProtocol } from './group.ts'

/** The protocol type of consumers, the only one that the coordinator looks into. */
export const CONSUMER_PROTOCOL_TYPE = 'consumer'

/** What a JoinGroup offers, owned by the group: its frame's buffer is used again. Of a name that is
 *  given twice the first counts. */
export function ownProtocols(offered: readonly ClassicProtocol[]): readonly ClassicProtocol[] {
  const byName = new Map<string, ClassicProtocol>()
  for (const { name, metadata } of offered) {
    if (!byName.has(name)) byName.set(name, { name, metadata: new Uint8Array(metadata) })
  }
  return [...byName.values()]
}

/** Whether a member that offers these can be one of the group: all the others know one of them. */
export function canSpeakWith(
  group: ClassicGroup,
  protocolType: string,
  protocols: readonly ClassicProtocol[],
): boolean {
  if (group.phase === 'empty') return protocolType !== '' && protocols.length > 0
  if (group.protocolType !== protocolType) return false
  return protocols.some(({ name }) => (group.protocolCounts.get(name) ?? 0) === group.members.size)
}

/**
 * The protocol that most members prefer among those that all of them offer. Equal votes: the first in
 * the order of a Java hash table of the names, as Kafka chooses.
 */
export function selectProtocol(group: ClassicGroup): string {
  const votes = new Map<string, number>()
  const order = new JavaHashSet<string>(stringHash)
  for (const member of group.members.values()) {
    const vote = member.protocols.find(
      ({ name }) => group.protocolCounts.get(name) === group.members.size,
    )?.name
    assert(vote !== undefined, `${member.memberId} shares no protocol with ${group.groupId}`)
    votes.set(vote, (votes.get(vote) ?? 0) + 1)
    order.add(vote)
  }
  let [chosen] = order
  assert(chosen !== undefined, `group ${group.groupId} has nobody to vote`)
  for (const name of order) if (votes.get(name)! > votes.get(chosen)!) chosen = name
  return chosen
}

/** What the member tells the leader under the group's protocol. */
export function metadataOf(member: ClassicMember, protocolName: string | null): Uint8Array {
  return member.protocols.find(({ name }) => name === protocolName)?.metadata ?? EMPTY_BYTES
}

/** Whether a member offers what it offered before: the same metadata in the same order. */
export function offersTheSame(
  before: readonly ClassicProtocol[],
  after: readonly ClassicProtocol[],
): boolean {
  return (
    before.length === after.length &&
    before.every((protocol, index) => {
      const other = after[index]!
      return protocol.name === other.name && equalBytes(protocol.metadata, other.metadata)
    })
  )
}

/**
 * The topics that the members subscribe to: their offsets never expire. undefined when members do not
 * tell, being no consumers or not speaking the consumers' format. Cost: decodes every subscription.
 */
export function subscribedTopicsOf(group: ClassicGroup): ReadonlySet<string> | undefined {
  if (group.protocolType !== CONSUMER_PROTOCOL_TYPE) return undefined
  const topics = new Set<string>()
  if (group.members.size === 0) return topics
  if (group.protocolName === null) return undefined
  for (const member of group.members.values()) {
    const subscribed = topicsOf(metadataOf(member, group.protocolName))
    if (subscribed === undefined) return undefined
    for (const topic of subscribed) topics.add(topic)
  }
  return topics
}

/** Topics are what every version of the format begins with. */
function topicsOf(subscription: Uint8Array): readonly string[] | undefined {
  const reader = new Reader(subscription)
  try {
    reader.int16()
    return decodeNext(consumerProtocolSubscription, 0, reader).topics
  } catch (error) {
    if (error instanceof KafkaError) return undefined
    throw error
  }
}
