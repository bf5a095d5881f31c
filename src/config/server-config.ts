import { type BrokerConfig, brokerConfig } from './broker.ts'
import { ConfigError } from './config-error.ts'
import { brokerKey, listenerBase } from './listener-keys.ts'
import { type Listeners, readConnectionOverrides, readListeners } from './listeners.ts'
import { synonymFamilies } from './log-times.ts'
import { otherName } from './other-names.ts'
import { parseProperties } from './properties.ts'
import { nearest } from './suggest.ts'
import { topicConfig } from './topic.ts'

/** One setting and where it was made, for messages: `server.properties:12` or `--set`. */
export interface Setting {
  readonly key: string
  readonly value: string
  readonly from: string
}

/** A name that is no key, and what was probably meant. */
export interface UnknownKey {
  readonly key: string
  readonly from: string
  readonly nearest: string | undefined
}

/** What a broker starts with. Kafka calls these settings static. */
export interface ServerConfig {
  readonly values: BrokerConfig
  /** Settings as they were written, by key: what `DescribeConfigs` calls STATIC_BROKER_CONFIG. */
  readonly texts: Readonly<Record<string, string>>
  /** Where each of them was made. */
  readonly origins: ReadonlyMap<string, string>
  readonly listeners: Listeners
  /** Data directories: `log.dirs`, else `log.dir`. At least one. */
  readonly logDirs: readonly string[]
  /** Settings that Moldau has no use for, for one line of the log. */
  readonly notNeeded: readonly string[]
  /** Names to warn about. They are kept, as Kafka keeps them for plug-ins. */
  readonly unknown: readonly UnknownKey[]
}

/** Keys of which a later layer's silences an earlier layer's others. */
const families = [...synonymFamilies, ['log.dirs', 'log.dir'], ['node.id', 'broker.id']]

/** The settings of a file in Java's properties format. `path` is for messages. */
export function fileSettings(path: string, text: string): readonly Setting[] {
  return parseProperties(text).map(({ key, value, line }) => ({
    key,
    value,
    from: `${path}:${line}`,
  }))
}

/** The setting in one `--set key=value`. @throws ConfigError without a key and a `=`. */
export function optionSetting(option: string): Setting {
  const at = option.indexOf('=')
  if (at < 1) {
    const allowed = 'key=value'
    throw new ConfigError('--set', option, allowed, `--set ${option}: expected ${allowed}`)
  }
  return { key: option.slice(0, at).trim(), value: option.slice(at + 1), from: '--set' }
}

/**
 * Joins layers of settings, each over those before it: defaults of the launcher, the file, options.
 * @throws ConfigError for the first value a key does not accept, and for values that contradict
 *   each other; its message names the place, the key, the value and what is allowed.
 */
export function serverConfig(...layers: readonly (readonly Setting[])[]): ServerConfig {
  const settings = withIds(merge(layers))
  const origins = new Map([...settings].map(([key, { from }]) => [key, from]))
  const texts = Object.fromEntries([...settings].map(([key, { value }]) => [key, value]))
  return placed(origins, texts, () => {
    for (const [name, value] of Object.entries(texts))
      if (listenerBase(name)) brokerKey(name)?.read(name, value)
    const { values, unknown, notNeeded } = brokerConfig.parse(texts)
    if (values['node.id'] !== values['broker.id'])
      throw contradiction('You must set `node.id` to the same value as `broker.id`.')
    const kinds = Map.groupBy(unknown, otherName)
    // Read where they are used; here only to refuse what cannot be.
    readConnectionOverrides(values['max.connections.per.ip.overrides'])
    return {
      values,
      texts,
      origins,
      listeners: readListeners(values),
      logDirs: values['log.dirs'] ?? values['log.dir'],
      notNeeded: [...notNeeded, ...(kinds.get('retired') ?? [])],
      unknown: (kinds.get(undefined) ?? []).map((key) => unknownKey(key, origins)),
    }
  })
}

function merge(layers: readonly (readonly Setting[])[]): Map<string, Setting> {
  const merged = new Map<string, Setting>()
  for (const layer of layers) {
    for (const { key } of layer)
      for (const sibling of families.find((family) => family.includes(key)) ?? [])
        merged.delete(sibling)
    for (const setting of layer) merged.set(setting.key, setting)
  }
  return merged
}

/** `node.id` and `broker.id` are one: each takes what the other has, else the default. */
function withIds(settings: Map<string, Setting>): ReadonlyMap<string, Setting> {
  const unset = { value: brokerConfig.keys['node.id'].defaultText ?? '', from: 'default' }
  const node = settings.get('node.id') ?? settings.get('broker.id') ?? unset
  const broker = settings.get('broker.id') ?? node
  return settings
    .set('node.id', { ...node, key: 'node.id' })
    .set('broker.id', { ...broker, key: 'broker.id' })
}

function unknownKey(key: string, origins: ReadonlyMap<string, string>): UnknownKey {
  const meant =
    topicConfig.find(key)?.brokerSynonyms[0] ?? nearest(key, Object.keys(brokerConfig.keys))
  return { key, from: origins.get(key) ?? '', nearest: meant }
}

/** Runs `read`; an error it throws gets the places of its settings and what is allowed. */
function placed<T>(
  origins: ReadonlyMap<string, string>,
  texts: Readonly<Record<string, string>>,
  read: () => T,
): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const { key, value, allowed } = error
    if (key === '') throw contradiction(rulePlaces(error.message, origins, texts) + error.message)
    const usual = `Invalid value ${value} for configuration ${key}: `
    const problem = error.message.startsWith(usual)
      ? error.message.slice(usual.length)
      : error.message
    const place = origins.get(key) ?? 'default'
    const sentence = `${place}: ${key}=${value}: ${problem.replace(/\.?$/, '.')}`
    const range = problem.includes(allowed) ? '' : ` Allowed: ${allowed}.`
    throw new ConfigError(key, value, allowed, sentence + range)
  }
}

/** Where the settings were made that a rule between keys speaks of. */
function rulePlaces(
  rule: string,
  origins: ReadonlyMap<string, string>,
  texts: Readonly<Record<string, string>>,
): string {
  const names = new Set(rule.match(/[a-z]+(?:\.[a-z]+)+/g))
  const made = [...names].filter((key) => (origins.get(key) ?? 'default') !== 'default')
  return made.map((key) => `${origins.get(key)}: ${key}=${texts[key]}: `).join('')
}

function contradiction(message: string): ConfigError {
  return new ConfigError('', '', '', message)
}
