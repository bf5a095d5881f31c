/**
 * Names that are no key of a broker and yet stand in real files: keys of older Kafka versions, and
 * settings that Kafka hands to its plug-ins unread. Without this table they would look mistyped.
 */

/** What to say about such a name. */
export type OtherName = 'retired' | 'plug-in'

/** Keys that Kafka removed, most of them with ZooKeeper in 4.0. They have no effect. */
const retired: ReadonlySet<string> = new Set([
  'broker.id.generation.enable',
  'control.plane.listener.name',
  'delegation.token.master.key',
  'eligible.leader.replicas.enable',
  'host.name',
  'advertised.host.name',
  'advertised.port',
  'group.coordinator.new.enable',
  'inter.broker.protocol.version',
  'log.message.downconversion.enable',
  'log.message.format.version',
  'log.message.timestamp.difference.max.ms',
  'metadata.log.segment.min.bytes',
  'offsets.commit.required.acks',
  'port',
  'quota.consumer.default',
  'quota.producer.default',
  'reserved.broker.max.id',
  'group.share.enable',
])

const retiredPrefixes = ['zookeeper.', 'password.encoder.']

/** Settings of the standard authorizer (KIP-801). */
const authorizerKeys: ReadonlySet<string> = new Set([
  'super.users',
  'allow.everyone.if.no.acl.found',
])

/** `listener.name.<listener>.<key>` sets a key for one listener; these go to plug-ins. */
const plugInPrefixes = [
  'listener.name.',
  'rlmm.config.',
  'rsm.config.',
  'config.providers.',
  'metrics.context.',
]

/** What kind of name it is; undefined when it is none of these. */
export function otherName(name: string): OtherName | undefined {
  const startsWith = (prefix: string) => name.startsWith(prefix)
  if (retired.has(name) || retiredPrefixes.some(startsWith)) return 'retired'
  if (authorizerKeys.has(name) || plugInPrefixes.some(startsWith)) return 'plug-in'
  return undefined
}
