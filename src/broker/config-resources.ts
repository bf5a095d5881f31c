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
  throw new KafkaError('INVALID_REQUEST', `Unexpected resource type ${type} for resource ${name}`)
}

/**
 * Finds what a request means, and that it is there.
 * @throws KafkaError INVALID_REQUEST for a kind that has no settings or a broker that is not this one,
 *   UNKNOWN_TOPIC_OR_PARTITION, INVALID_TOPIC_EXCEPTION.
 */
export function configTarget(type: number, name: string, broker: BrokerServices): ConfigTarget {
  const kind = configKind(type, name)
  if (kind === 'topic') {
    checkTopicName(name)
    if (!broker.metadata.image.topics.has(name)) throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION')
  }
  const isBroker = kind === 'broker' || kind === 'broker-logger'
  if (isBroker && name !== '' && name !== String(broker.nodeId)) throw wrongBroker(name, broker)
  if (kind === 'broker-logger' && name === '') throw wrongBroker(name, broker)
  return { kind, name }
}

function wrongBroker(name: string, { nodeId }: BrokerServices): KafkaError {
  return /^-?\d+$/.test(name)
    ? new KafkaError(
        'INVALID_REQUEST',
        `Unexpected broker id, expected ${nodeId} or empty string, but received ${name}`,
      )
    : new KafkaError('INVALID_REQUEST', `Node id must be an integer, but it is: ${name}`)
}
