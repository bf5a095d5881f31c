/**
 * What a running broker is configured with: the static settings it started with, the settings of
 * the cluster and of this broker laid over them, and what follows for topics and groups. All pure:
 * whoever stores the settings builds a new value when they change (KIP-226).
 */

import { type BrokerConfig, brokerConfig } from './broker.ts'
import { ConfigError } from './config-error.ts'
import { type GroupConfig, groupConfig } from './group.ts'
import { groupBounds, withinBounds } from './group-bounds.ts'
import { brokerKey } from './listener-keys.ts'
import { synonymFamilies } from './log-times.ts'
import type { ServerConfig } from './server-config.ts'
import { type TopicConfig, topicConfig } from './topic.ts'
import { type Texts, textOf, topicDefaults } from './topic-defaults.ts'

/** Settings of one resource that were made while running, by key, as they were written. */
export type Overrides = Texts

/** No settings. Shared, so that caches by identity know all of them as one. */
export const NO_OVERRIDES: Overrides = Object.freeze({})

/** One immutable state of a broker's configuration. */
export interface BrokerConfigs {
  /** Settings it started with. */
  readonly server: ServerConfig
  /** Settings of all brokers of the cluster. */
  readonly clusterDefault: Overrides
  /** Settings of this broker. */
  readonly perBroker: Overrides
  /** The valid part of the two before. */
  readonly inForce: { readonly clusterDefault: Texts; readonly perBroker: Texts }
  /** What is in force, as text: only keys that are set. */
  readonly texts: Texts
  /** What is in force. */
  readonly current: BrokerConfig
  /** What topics get that set nothing, as text. */
  readonly topicDefaults: Texts
  /** Stored settings that are not valid, of another version perhaps: they are not in force. */
  readonly ignored: readonly string[]
}

/**
 * Lays settings made while running over the static ones: the cluster's, then the broker's own.
 * Invalid ones are left out and listed, so that a bad stored value never keeps a broker down.
 */
export function brokerConfigs(
  server: ServerConfig,
  clusterDefault: Overrides = NO_OVERRIDES,
  perBroker: Overrides = NO_OVERRIDES,
): BrokerConfigs {
  const ignored: string[] = []
  const valid = (overrides: Overrides) => {
    const entries = Object.entries(overrides).filter(([name, text]) => isValid(name, text))
    ignored.push(...Object.keys(overrides).filter((name) => !entries.some(([key]) => key === name)))
    return Object.fromEntries(entries)
  }
  const outcome = consistent(server, valid(clusterDefault), valid(perBroker), ignored)
  const defaults = topicDefaults(brokerConfig.keys, outcome.texts)
  return { server, clusterDefault, perBroker, ...outcome, topicDefaults: defaults, ignored }
}

/** Joins layers; a key silences the other spellings of its family in the layers before. */
export function layered(...layers: readonly Texts[]): Texts {
  const merged: Record<string, string> = {}
  for (const layer of layers) {
    for (const name of Object.keys(layer))
      for (const sibling of synonymFamilies.find((family) => family.includes(name)) ?? [])
        delete merged[sibling]
    Object.assign(merged, layer)
  }
  return merged
}

/** Settings that contradict each other give way to the static ones, which the start checked. */
function consistent(
  server: ServerConfig,
  clusterDefault: Texts,
  perBroker: Texts,
  ignored: string[],
): Pick<BrokerConfigs, 'inForce' | 'texts' | 'current'> {
  const texts = layered(server.texts, clusterDefault, perBroker)
  try {
    const { values } = brokerConfig.parse(texts)
    return { inForce: { clusterDefault, perBroker }, texts, current: values }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    ignored.push(...Object.keys({ ...clusterDefault, ...perBroker }))
    const nothing = { clusterDefault: NO_OVERRIDES, perBroker: NO_OVERRIDES }
    return { inForce: nothing, texts: server.texts, current: server.values }
  }
}

function isValid(name: string, text: string): boolean {
  try {
    brokerKey(name)?.read(name, text)
    return true
  } catch (error) {
    if (error instanceof ConfigError) return false
    throw error
  }
}

const topicCache = new WeakMap<BrokerConfigs, WeakMap<Overrides, TopicConfig>>()

/**
 * The settings in force for a topic: its own, else the broker's, else the defaults. The same two
 * arguments give the same object without work, so the hot path may ask each time.
 * @throws ConfigError for an override that is not valid; `validateTopic` refuses those beforehand.
 */
export function effectiveTopicConfig(configs: BrokerConfigs, overrides: Overrides): TopicConfig {
  const cache = topicCache.get(configs) ?? new WeakMap<Overrides, TopicConfig>()
  topicCache.set(configs, cache)
  const known = cache.get(overrides)
  if (known) return known
  const values = topicConfig.parse({ ...configs.topicDefaults, ...overrides }).values
  cache.set(overrides, values)
  return values
}

/** What a group gets that sets nothing, as text. */
export function groupDefaults(configs: BrokerConfigs): Texts {
  const defaults: Record<string, string> = {}
  for (const [name, { brokerSynonyms }] of Object.entries(groupConfig.keys))
    for (const synonym of brokerSynonyms)
      defaults[name] = textOf(brokerConfig.keys, configs.texts, synonym) ?? ''
  return defaults
}

const groupCache = new WeakMap<BrokerConfigs, WeakMap<Overrides, GroupConfig>>()

/**
 * The settings in force for a group: its own, kept within what the broker allows now, else the
 * broker's. A stored value that is not valid, of another version perhaps, is not in force. The same two
 * arguments give the same object without work, so every heartbeat may ask.
 */
export function effectiveGroupConfig(configs: BrokerConfigs, overrides: Overrides): GroupConfig {
  const cache = groupCache.get(configs) ?? new WeakMap<Overrides, GroupConfig>()
  groupCache.set(configs, cache)
  const known = cache.get(overrides)
  if (known) return known
  const own = Object.entries(overrides).flatMap(([name, text]) => {
    const acting = actingText(configs, name, text)
    return acting === undefined ? [] : [[name, acting] as const]
  })
  const texts = { ...groupDefaults(configs), ...Object.fromEntries(own) }
  const values = Object.fromEntries(
    Object.entries(groupConfig.keys).map(([name, key]) => {
      const text = texts[name]
      return [name, text === undefined ? key.default : key.read(name, text)]
    }),
  )
  // Each value was read by the key of the same name, which is what `GroupConfig` states. The rules that
  // join keys are not asked: they were when the settings were made, and a group has to go on.
  const effective = values as GroupConfig
  cache.set(overrides, effective)
  return effective
}

function actingText(configs: BrokerConfigs, name: string, text: string): string | undefined {
  try {
    const value = groupConfig.find(name)?.read(name, text)
    if (typeof value !== 'number') return value === undefined ? undefined : text
    return String(withinBounds(groupBounds(configs.current, name), value))
  } catch (error) {
    if (error instanceof ConfigError) return undefined
    throw error
  }
}
