import { KafkaError } from '../protocol/errors.ts'
import { brokerConfig } from './broker.ts'
import { clientMetricsConfig, intervalProblem, matchProblem } from './client-metrics.ts'
import { ConfigError } from './config-error.ts'
import type { Key } from './declare.ts'
import { type BrokerConfigs, groupDefaults, layered, type Overrides } from './dynamic.ts'
import { groupConfig } from './group.ts'
import { groupBounds } from './group-bounds.ts'
import { brokerKey, listenerBase } from './listener-keys.ts'
import { readConnectionOverrides, readListeners } from './listeners.ts'
import { topicConfig } from './topic.ts'

/** What an alteration does, in the order of the numbers of `IncrementalAlterConfigs`. */
export const operations = ['set', 'delete', 'append', 'subtract'] as const

/** One of `operations`. */
export type Operation = (typeof operations)[number]

/** One alteration. `append` and `subtract` take a comma separated value and want a list key. */
export interface Alteration {
  readonly name: string
  readonly operation: Operation
  readonly value: string | null
}

/** What is altered: its type, its name (empty for a default), and the settings it has now. */
export interface Target {
  readonly type: 'topic' | 'broker' | 'group' | 'client-metrics'
  /** The id of a broker; empty for the default of all brokers. */
  readonly name: string
  readonly overrides: Overrides
}

/**
 * `IncrementalAlterConfigs` for one resource (KIP-339).
 * @returns the settings it has afterwards; nothing is stored.
 * @throws KafkaError INVALID_REQUEST | INVALID_CONFIG with Kafka's sentence, nothing being altered.
 */
export function applyAlterations(
  configs: BrokerConfigs,
  target: Target,
  alterations: readonly Alteration[],
): Overrides {
  checkShape(alterations)
  const next: Record<string, string> = { ...target.overrides }
  for (const { name, operation, value } of alterations) {
    const text = value ?? ''
    if (operation === 'set') next[name] = text
    else if (operation === 'delete') delete next[name]
    else next[name] = alteredList(target.type, operation, name, next[name], text)
  }
  validate(configs, target, next)
  return next
}

/**
 * `AlterConfigs` for one resource: the given settings replace all it has.
 * @throws KafkaError as `applyAlterations`.
 */
export function replaceOverrides(
  configs: BrokerConfigs,
  target: Target,
  entries: readonly { readonly name: string; readonly value: string | null }[],
): Overrides {
  checkShape(entries.map((entry) => ({ ...entry, operation: 'set' })))
  const next = Object.fromEntries(entries.map(({ name, value }) => [name, value ?? '']))
  validate(configs, target, next)
  return next
}

/**
 * Checks settings a resource would have, all together.
 * @throws KafkaError INVALID_REQUEST | INVALID_CONFIG
 */
export function validate(configs: BrokerConfigs, target: Target, overrides: Overrides): void {
  const check = { topic, broker, group, 'client-metrics': clientMetrics }[target.type]
  check(configs, target.name, overrides)
}

function checkShape(alterations: readonly Alteration[]): void {
  const names = alterations.map(({ name }) => name)
  if (new Set(names).size !== names.length) invalidRequest('Error due to duplicate config keys')
  const empty = alterations.filter(
    ({ operation, value }) => operation !== 'delete' && value === null,
  )
  if (empty.length === 0) return
  invalidRequest(`Null value not supported for : ${empty.map(({ name }) => name).join(', ')}`)
}

function alteredList(
  type: Target['type'],
  operation: 'append' | 'subtract',
  name: string,
  current: string | undefined,
  text: string,
): string {
  const key = listKey(type, operation, name)
  const entries = parts(current ?? key.defaultText ?? '')
  if (operation === 'append') return [...new Set([...entries, ...parts(text)])].join(',')
  const gone = new Set(parts(text))
  return entries.filter((entry) => !gone.has(entry)).join(',')
}

/** Kafka splits no key of a subscription, though two of them are lists. */
const declared: Readonly<Record<Target['type'], (name: string) => Key | undefined>> = {
  topic: topicConfig.find,
  group: groupConfig.find,
  broker: brokerConfig.find,
  'client-metrics': () => undefined,
}

function listKey(type: Target['type'], operation: 'append' | 'subtract', name: string): Key {
  const key = declared[type](name)
  if (key?.type === 'list') return key
  if (type !== 'broker')
    return invalidConfig(
      `Can't ${operation.toUpperCase()} to key ${name} because its type is not LIST.`,
    )
  return invalidConfig(
    key
      ? `Config value ${operation} is not allowed for config key: ${name}`
      : `Unknown config name: ${name}`,
  )
}

function parts(text: string): readonly string[] {
  return text.split(',').filter((part) => part !== '')
}

function topic(configs: BrokerConfigs, name: string, overrides: Overrides): void {
  if (name === '') invalidRequest('Default topic resources are not allowed.')
  const unknown = Object.keys(overrides).find((key) => !topicConfig.find(key))
  if (unknown !== undefined) invalidConfig(`Unknown topic config name: ${unknown}`)
  const { values } = asInvalidConfig(() =>
    topicConfig.parse({ ...configs.topicDefaults, ...overrides }),
  )
  if (!values['remote.storage.enable']) return
  if (!configs.current['remote.log.storage.system.enable'])
    invalidConfig(
      'Tiered Storage functionality is disabled in the broker. ' +
        'Topic cannot be configured with remote log storage.',
    )
  if (values['cleanup.policy'].includes('compact'))
    invalidConfig('Remote log storage is unsupported for the compacted topics')
}

function group(configs: BrokerConfigs, name: string, overrides: Overrides): void {
  if (name === '') invalidRequest('Default group resources are not allowed.')
  const unknown = Object.keys(overrides).find((key) => !groupConfig.find(key))
  if (unknown !== undefined) invalidConfig(`Unknown group config name: ${unknown}`)
  const texts = { ...groupDefaults(configs), ...overrides }
  for (const key of Object.keys(overrides)) {
    const value = asInvalidConfig(() => groupConfig.find(key)?.read(key, texts[key] ?? ''))
    if (typeof value === 'number') checkGroupBounds(configs, key, value)
  }
  asInvalidConfig(() => groupConfig.parse(texts))
}

function checkGroupBounds(configs: BrokerConfigs, key: string, value: number): void {
  const { min, max } = groupBounds(configs.current, key)
  if (min !== undefined && value < min.value)
    invalidConfig(`${key} must be greater than or equal to ${min.name}`)
  if (max !== undefined && value > max.value)
    invalidConfig(`${key} must be less than or equal to ${max.name}`)
}

function clientMetrics(_: BrokerConfigs, name: string, overrides: Overrides): void {
  if (name === '') invalidRequest("Subscription name can't be empty")
  const unknown = Object.keys(overrides).find((key) => !clientMetricsConfig.find(key))
  if (unknown !== undefined) invalidRequest(`Unknown client metrics configuration: ${unknown}`)
  const { values } = asInvalidConfig(() => clientMetricsConfig.parse(overrides))
  const interval = intervalProblem(values['interval.ms'])
  if (interval !== undefined) invalidRequest(interval)
  const match = matchProblem(values.match)
  if (match !== undefined) invalidConfig(match)
}

/** Keys of one listener that the default of all brokers may set too. */
const clusterWideListenerKeys: ReadonlySet<string> = new Set([
  'max.connections',
  'max.connection.creation.rate',
  'num.network.threads',
])

/** TLS keys that a running broker takes for one listener only, by its prefix (KIP-226). */
const perListenerKeys: ReadonlySet<string> = new Set([
  'ssl.key.password',
  'ssl.keystore.certificate.chain',
  'ssl.keystore.key',
  'ssl.keystore.location',
  'ssl.keystore.password',
  'ssl.keystore.type',
  'ssl.truststore.certificates',
  'ssl.truststore.location',
  'ssl.truststore.password',
  'ssl.truststore.type',
])

function broker(configs: BrokerConfigs, name: string, overrides: Overrides): void {
  const names = Object.keys(overrides)
  const refuse = (refused: readonly string[], problem: string) => {
    if (refused.length > 0) invalidRequest(`${problem}: [${refused.join(', ')}]`)
  }
  refuse(names.filter(isFixed), 'Cannot update these configs dynamically')
  refuse(
    names.filter((key) => perListenerKeys.has(key)),
    'These security configs can be dynamically updated only per-listener using the listener prefix',
  )
  asInvalidRequest(() => {
    for (const [key, text] of Object.entries(overrides)) brokerKey(key)?.read(key, text)
  })
  const level = 'Cannot update these configs at default cluster level, broker id must be specified'
  if (name === '') refuse(names.filter(isPerBroker), level)
  checkTogether(configs, name, overrides)
}

function isFixed(name: string): boolean {
  return brokerConfig.find(name)?.update === 'read-only'
}

function isPerBroker(name: string): boolean {
  const base = listenerBase(name)
  if (base !== undefined) return !clusterWideListenerKeys.has(base)
  return brokerConfig.find(name)?.update === 'per-broker'
}

/** The whole configuration as it would be: rules between keys, listeners, limits of addresses. */
function checkTogether(configs: BrokerConfigs, name: string, overrides: Overrides): void {
  const { server, clusterDefault, perBroker } = configs
  const texts =
    name === ''
      ? layered(server.texts, overrides, perBroker)
      : layered(server.texts, clusterDefault, overrides)
  asInvalidRequest(() => {
    const { values } = brokerConfig.parse(texts)
    readListeners(values)
    readConnectionOverrides(values['max.connections.per.ip.overrides'])
  })
}

const asInvalidConfig = <T>(read: () => T): T => translated('INVALID_CONFIG', read)
const asInvalidRequest = <T>(read: () => T): T => translated('INVALID_REQUEST', read)

/** Kafka answers a bad value of a broker key as a bad request, of any other key as a bad value. */
function translated<T>(error: 'INVALID_CONFIG' | 'INVALID_REQUEST', read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause
    // A rule between keys has no key; Kafka words those as requirements.
    const together = error === 'INVALID_REQUEST' && cause.key === ''
    const message = together ? `requirement failed: ${cause.message}` : cause.message
    throw new KafkaError(error, message, { cause })
  }
}

function invalidConfig(message: string): never {
  throw new KafkaError('INVALID_CONFIG', message)
}

function invalidRequest(message: string): never {
  throw new KafkaError('INVALID_REQUEST', message)
}
