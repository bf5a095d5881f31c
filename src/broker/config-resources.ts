import { checkTopicName } from '../controller/topic-name.ts'
import { KafkaError } from '../protocol/errors.ts'
import type { BrokerServices } from './services.ts'

/** Kinds of resource by their number in the configuration APIs. */
const kinds: Readonly<Record<number, ConfigTarget['kind']>> = {
  2: 'topic',
  4: 'broker',
  8: 'broker-logger',
  16: 'client-metrics',
  32: 'group',
}

/** What a configuration request is about. */
export interface ConfigTarget {
  readonly kind: 'topic' | 'broker' | 'broker-logger' | 'client-metrics' | 'group'
  /** '' stands for all brokers. */
  readonly name: string
}

/** @throws KafkaError INVALID_REQUEST for a kind that has no settings. */
export function configKind(type: number, name: string): ConfigTarget['kind'] {
  const kind = kinds[type]
  if (kind !== undefined) return kind
  return refuse(`Unexpected resource type ${type} for resource ${name}`)
}

/**
 * Finds what a request means, and that it is there.
 * @throws KafkaError INVALID_REQUEST for a kind that has no settings, an empty name of a kind that needs
 *   one or a broker that is not this one, UNKNOWN_TOPIC_OR_PARTITION, INVALID_TOPIC_EXCEPTION.
 */
export function configTarget(type: number, name: string, broker: BrokerServices): ConfigTarget {
  const kind = configKind(type, name)
  if (kind === 'topic') {
    checkTopicName(name)
    if (!broker.metadata.image.topics.has(name)) throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION')
  }
  if (kind === 'broker' && name !== '') checkNode(name, `${broker.nodeId} or empty string`, broker)
  if (kind === 'group' && name === '') refuse('Group name must not be empty')
  if (kind === 'client-metrics' && name === '') {
    refuse('Client metrics subscription name must not be empty')
  }
  if (kind === 'broker-logger') checkNode(name, String(broker.nodeId), broker)
  return { kind, name }
}

function refuse(message: string): never {
  throw new KafkaError('INVALID_REQUEST', message)
}

function checkNode(name: string, expected: string, { nodeId }: BrokerServices): void {
  if (name === String(nodeId)) return
  if (name === '') refuse('Broker id must not be empty')
  refuse(
    /^[+-]?\d+$/.test(name)
      ? `Unexpected broker id, expected ${expected}, but received ${name}`
      : `Broker id must be an integer, but it is: ${name}`,
  )
}
