import { brokerConfig } from './broker.ts'
import { clientMetricsConfig } from './client-metrics.ts'
import type { Key, Keys } from './declare.ts'
import { type BrokerConfigs, groupDefaults, type Overrides } from './dynamic.ts'
import { groupConfig } from './group.ts'
import { brokerKey, listenerBase } from './listener-keys.ts'
import { synonymFamilies } from './log-times.ts'
import { topicConfig } from './topic.ts'
import { inTopicUnit, type Texts, textOf } from './topic-defaults.ts'
import type { ValueType } from './value-text.ts'

/** Where a value comes from, by its number in `DescribeConfigs`. */
export const sources = {
  topic: 1,
  broker: 2,
  clusterDefault: 3,
  static: 4,
  default: 5,
  brokerLogger: 6,
  clientMetrics: 7,
  group: 8,
} as const

/** One of the numbers above. */
export type ConfigSource = (typeof sources)[keyof typeof sources]

/** Types by their number in `DescribeConfigs`; 0 is unknown. */
const typeCodes: Readonly<Record<ValueType, number>> = {
  boolean: 1,
  string: 2,
  int: 3,
  short: 4,
  long: 5,
  double: 6,
  list: 7,
  class: 8,
  password: 9,
}

/** A value in force, with the field names of the protocol; `CreateTopics` answers these. */
export interface Entry {
  readonly name: string
  /** null for no value, and always for secrets. */
  readonly value: string | null
  readonly readOnly: boolean
  readonly configSource: ConfigSource
  readonly isSensitive: boolean
}

/** A value that would count if those before it were not there. */
export interface Synonym {
  readonly name: string
  readonly value: string | null
  readonly source: ConfigSource
}

/** One described key, with the field names of `DescribeConfigs`. */
export interface Described extends Entry {
  readonly synonyms: readonly Synonym[]
  readonly configType: number
  readonly documentation: string | null
}

/** Whose configuration is asked for, with the settings it has of its own. */
export type Resource =
  | { readonly type: 'topic'; readonly overrides: Overrides }
  | { readonly type: 'group'; readonly overrides: Overrides }
  | { readonly type: 'client-metrics'; readonly overrides: Overrides }
  | { readonly type: 'broker' }
  | { readonly type: 'cluster-default' }

/** What of it is asked for. */
export interface Question {
  /** null or none: all keys. Names that are no key are passed over. */
  readonly keys: readonly string[] | null
  readonly synonyms: boolean
  readonly documentation: boolean
}

/**
 * Describes a resource as Kafka does: values in Kafka's spelling, where each comes from, and the
 * values behind it in the order in which they would count (KIP-133, KIP-226, KIP-569).
 */
export function describe(
  configs: BrokerConfigs,
  resource: Resource,
  question: Question,
): readonly Described[] {
  const asked = new Set(question.keys)
  return describers[resource.type](configs, overridesOf(resource))
    .filter(({ name }) => asked.size === 0 || asked.has(name))
    .map((one) => ({
      ...one,
      synonyms: question.synonyms ? one.synonyms : [],
      documentation: question.documentation ? one.documentation : null,
    }))
}

/**
 * The settings in force for a topic that is being created, by name. Unlike `describe` it follows
 * every broker synonym, so hours set in the file show as static.
 */
export function topicEntries(configs: BrokerConfigs, overrides: Overrides): readonly Entry[] {
  const layers = layersOf(configs).slice(0, 3)
  return listed(topicConfig.keys, overrides).map(([name, key]) => {
    const { brokerSynonyms, defaultText, sensitive } = key
    const own = overrides[name]
    const entry = (value: string | null, configSource: ConfigSource): Entry => ({
      name,
      value: sensitive ? null : value,
      readOnly: false,
      configSource,
      isSensitive: sensitive,
    })
    if (own !== undefined) return entry(own, sources.topic)
    for (const [texts, source] of layers)
      for (const synonym of brokerSynonyms) {
        const text = texts[synonym]
        if (text !== undefined) return entry(inTopicUnit(name, synonym, text), source)
      }
    return entry(defaultText, sources.default)
  })
}

type Describer = (configs: BrokerConfigs, overrides: Overrides) => readonly Described[]

const describers: Readonly<Record<Resource['type'], Describer>> = {
  topic: describeTopic,
  group: describeGroup,
  'client-metrics': describeClientMetrics,
  broker: describeBroker,
  'cluster-default': describeClusterDefault,
}

function overridesOf(resource: Resource): Overrides {
  return 'overrides' in resource ? resource.overrides : {}
}

function describeTopic(configs: BrokerConfigs, overrides: Overrides): readonly Described[] {
  return listed(topicConfig.keys, overrides).map(([name, key]) => {
    const own = overrides[name]
    const value =
      own === undefined ? (configs.topicDefaults[name] ?? key.defaultText) : key.canonical(own)
    const server = key.brokerSynonyms[0]
    const behind = server === undefined ? [] : brokerSynonyms(configs, server, key.sensitive)
    const mine = own === undefined ? [] : [{ name, value, source: sources.topic }]
    return described(name, key, value, [...mine, ...behind])
  })
}

function describeGroup(configs: BrokerConfigs, overrides: Overrides): readonly Described[] {
  const defaults = groupDefaults(configs)
  return listed(groupConfig.keys, overrides).map(([name, key]) => {
    const own = overrides[name]
    const value = own === undefined ? (defaults[name] ?? key.defaultText) : key.canonical(own)
    const server = key.brokerSynonyms[0]
    const behind =
      server === undefined
        ? [{ name, value: key.defaultText, source: sources.default }]
        : brokerSynonyms(configs, server, key.sensitive)
    const mine = own === undefined ? [] : [{ name, value, source: sources.group }]
    return described(name, key, value, [...mine, ...behind])
  })
}

function describeClientMetrics(_: BrokerConfigs, overrides: Overrides): readonly Described[] {
  return listed(clientMetricsConfig.keys, overrides).map(([name, key]) => {
    const own = overrides[name]
    if (own === undefined) return described(name, key, key.defaultText, [])
    const value = key.canonical(own)
    return described(name, key, value, [{ name, value, source: sources.clientMetrics }])
  })
}

function describeBroker(configs: BrokerConfigs): readonly Described[] {
  const names = listed(brokerConfig.keys, configs.texts).map(([name]) => name)
  return [...new Set([...names, ...Object.keys(configs.texts)])].sort().map((name) => {
    const key = brokerKey(name)
    const value = textOf(brokerConfig.keys, configs.texts, name)
    return described(
      name,
      key,
      value,
      brokerSynonyms(configs, name, key?.sensitive ?? true),
      !isDynamic(name),
    )
  })
}

function describeClusterDefault(configs: BrokerConfigs): readonly Described[] {
  return Object.entries(configs.clusterDefault).map(([name, value]) => {
    const key = brokerKey(name)
    const synonyms = brokerSynonyms(configs, name, key?.sensitive ?? true)
    const mine = synonyms.filter(({ source }) => source === sources.clusterDefault)
    return described(name, key, value, mine, !isDynamic(name))
  })
}

/** Declared keys by name, those that are internal only when they are set. */
function listed(keys: Keys, texts: Texts): readonly (readonly [string, Key])[] {
  return Object.entries(keys)
    .filter(([name, key]) => !key.internal || Object.hasOwn(texts, name))
    .sort(([one], [other]) => (one < other ? -1 : 1))
}

/** A name without a declaration is shown as Kafka shows it: perhaps a secret, type unknown. */
function described(
  name: string,
  key: Key | undefined,
  value: string | null,
  synonyms: readonly Synonym[],
  readOnly = false,
): Described {
  const isSensitive = key?.sensitive ?? true
  return {
    name,
    value: isSensitive ? null : value,
    readOnly,
    configSource: synonyms[0]?.source ?? sources.default,
    isSensitive,
    synonyms,
    configType: key ? typeCodes[key.type] : 0,
    documentation: key?.doc ?? null,
  }
}

function isDynamic(name: string): boolean {
  return (
    listenerBase(name) === undefined && (brokerKey(name)?.update ?? 'read-only') !== 'read-only'
  )
}

/** Layers of a broker's settings, the strongest first, without those that are not in force. */
function layersOf(configs: BrokerConfigs): readonly (readonly [Texts, ConfigSource])[] {
  return [
    [configs.inForce.perBroker, sources.broker],
    [configs.inForce.clusterDefault, sources.clusterDefault],
    [configs.server.texts, sources.static],
    [brokerDefaultTexts, sources.default],
  ]
}

const brokerDefaultTexts: Texts = Object.fromEntries(
  Object.entries(brokerConfig.keys).flatMap(([name, { defaultText, required }]) =>
    defaultText === null || required ? [] : [[name, defaultText]],
  ),
)

/**
 * Every value of a broker key and of its other spellings, strongest first. Kafka lists nothing
 * before the key's own name: hours alone are no synonym of milliseconds.
 */
function brokerSynonyms(
  configs: BrokerConfigs,
  name: string,
  sensitive: boolean,
): readonly Synonym[] {
  const names = spellings(name)
  const all = layersOf(configs).flatMap(([texts, source]) =>
    names
      .filter((each) => Object.hasOwn(texts, each))
      .map((each) => ({ name: each, value: sensitive ? null : (texts[each] ?? null), source })),
  )
  const first = all.findIndex((synonym) => synonym.name === name)
  return first < 0 ? [] : all.slice(first)
}

function spellings(name: string): readonly string[] {
  if (name === 'log.flush.interval.ms') return [name, 'log.flush.scheduler.interval.ms']
  const base = listenerBase(name)
  if (base !== undefined) return [name, base]
  return synonymFamilies.find((family) => family.includes(name)) ?? [name]
}
