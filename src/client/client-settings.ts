import type { AdminConfig } from '../config/admin.ts'
import { ConfigError } from '../config/config-error.ts'
import type { ConsumerConfig } from '../config/consumer.ts'
import type { ProducerConfig } from '../config/producer.ts'
import type { Environment } from '../kernel/environment.ts'
import { realClock, realTimers } from '../kernel/real-clock.ts'
import { realEnvironment } from '../kernel/real-environment.ts'
import { type Address, parseAddress } from './address.ts'
import type { Backoff } from './backoff.ts'

/** The world as a client needs it. */
export type ClientEnvironment = Pick<Environment, 'clock' | 'timers' | 'random' | 'network'>

/** What the foundation needs to know, whatever kind of client it is for. */
export interface ClientSettings {
  readonly environment: ClientEnvironment
  readonly bootstrap: readonly Address[]
  readonly clientId: string | null
  readonly requestTimeoutMs: number
  readonly setup: Backoff
  readonly reconnect: Backoff
  readonly retry: Backoff
  readonly metadataMaxAgeMs: number
  /** How long a topic that nobody asks for stays in the metadata; Infinity: for ever. */
  readonly metadataMaxIdleMs: number
  readonly idleConnectionMs: number
  readonly rebootstraps: boolean
  readonly allowAutoTopicCreation: boolean
}

type AnyConfig = ProducerConfig | ConsumerConfig | AdminConfig

/**
 * @throws ConfigError for a security protocol that is not offered: nothing is ever sent less protected
 *   than asked for. TypeError for a bootstrap server that is no address.
 */
export function clientSettings(
  config: AnyConfig,
  environment: ClientEnvironment = sharedEnvironment(),
): ClientSettings {
  const protocol = config['security.protocol']
  if (protocol !== 'PLAINTEXT') {
    const message = `security.protocol ${protocol} is not offered by this client, only PLAINTEXT`
    throw new ConfigError('security.protocol', protocol, 'PLAINTEXT', message)
  }
  const idleMs = config['connections.max.idle.ms']
  return {
    environment,
    bootstrap: config['bootstrap.servers'].map(parseAddress),
    clientId: config['client.id'],
    requestTimeoutMs: config['request.timeout.ms'],
    setup: {
      firstMs: config['socket.connection.setup.timeout.ms'],
      maxMs: config['socket.connection.setup.timeout.max.ms'],
    },
    reconnect: {
      firstMs: config['reconnect.backoff.ms'],
      maxMs: config['reconnect.backoff.max.ms'],
    },
    retry: { firstMs: config['retry.backoff.ms'], maxMs: config['retry.backoff.max.ms'] },
    metadataMaxAgeMs: config['metadata.max.age.ms'],
    metadataMaxIdleMs:
      'metadata.max.idle.ms' in config ? config['metadata.max.idle.ms'] : Number.POSITIVE_INFINITY,
    idleConnectionMs: idleMs < 0 ? Number.POSITIVE_INFINITY : idleMs,
    rebootstraps: config['metadata.recovery.strategy'] === 'rebootstrap',
    allowAutoTopicCreation:
      'allow.auto.create.topics' in config ? config['allow.auto.create.topics'] : true,
  }
}

/** One for all clients of the process: they share one timer of the system, which keeps the process
 *  alive while a client waits for a broker to come back. */
let shared: ClientEnvironment | undefined

function sharedEnvironment(): ClientEnvironment {
  shared ??= { ...realEnvironment(), timers: realTimers(realClock, true) }
  return shared
}
