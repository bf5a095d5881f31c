/**
 * Configuration. This file is the declaration kit: a key is declared once, with Kafka's name, type,
 * default, bounds, way of being updated, and one sentence. The parser, `DescribeConfigs`, the
 * validation of alterations and `docs/configuration.md` all come from that declaration.
 */

import { ConfigError } from './config-error.ts'
import type { Rule } from './rules.ts'
import * as rules from './rules.ts'
import * as text from './value-text.ts'
import { INT_MAX, Password, type Reading, type Value, type ValueType } from './value-text.ts'

/** How a running broker takes a new value: not at all, for one broker, or also for the cluster. */
export type UpdateMode = 'read-only' | 'per-broker' | 'cluster-wide'

/** Kafka's own grading of its keys. */
export type Importance = 'high' | 'medium' | 'low'

/**
 * What Moldau does with a key. `acts`: it has its effect. `accepted`: known, checked, kept and
 * described, but the feature it steers is not served. `not-needed`: it steers a part that only a
 * JVM broker, KRaft or ZooKeeper has.
 */
export type Status = 'acts' | 'accepted' | 'not-needed'

/** What every declaration may state. */
export interface Declared {
  /** One sentence: what the key is for. */
  readonly doc: string
  /** `medium` when absent. */
  readonly importance?: Importance
  /** `read-only` when absent. */
  readonly update?: UpdateMode
  /** `acts` when absent. */
  readonly status?: Status
  /** Not shown by `DescribeConfigs` unless set; Kafka does not document it. */
  readonly internal?: boolean
  /** Kafka refuses to start without it. Moldau uses the declared default. */
  readonly required?: boolean
  /** Broker keys that give the value when a topic or group sets none; the first one set wins. */
  readonly brokerSynonyms?: readonly string[]
}

/** One declared key. Its name is where it stands in a `config({...})`. */
export interface Key<T extends Value = Value> {
  readonly type: ValueType
  /** The value when nothing sets the key. */
  readonly default: T
  /** The default as Kafka prints it; null for no value. Passwords have none. */
  readonly defaultText: string | null
  /** Kafka's notation of what is valid; absent when the type says all. */
  readonly valid: string | undefined
  /** What is valid, in words. */
  readonly allowed: string
  readonly doc: string
  readonly importance: Importance
  readonly update: UpdateMode
  readonly status: Status
  readonly internal: boolean
  readonly required: boolean
  /** Its value is never shown to anyone. */
  readonly sensitive: boolean
  readonly brokerSynonyms: readonly string[]
  /** Reads and checks a text. @throws ConfigError */
  read(name: string, written: string): T
  /** How Kafka shows a value that was written as `written`, which must be valid. */
  canonical(written: string): string
}

/** Keys by name. */
export type Keys = Readonly<Record<string, Key>>

/** The values of a set of keys: what the rest of the broker sees. */
export type Values<K extends Keys> = { readonly [N in keyof K]: K[N]['default'] }

/** Looks at all values together. @returns what is wrong, or undefined. */
export type CrossRule<K extends Keys> = (values: Values<K>) => string | undefined

/** What a set of texts turned out to be. */
export interface Parsed<K extends Keys> {
  readonly values: Values<K>
  /** Keys that a text was given for. */
  readonly explicit: ReadonlySet<string>
  /** Names that are no key of the set, in the order given. */
  readonly unknown: readonly string[]
  /** Given keys whose status is `not-needed`, in the order given. */
  readonly notNeeded: readonly string[]
}

/** A declared set of keys. */
export interface Config<K extends Keys> {
  readonly keys: K
  readonly rules: readonly CrossRule<K>[]
  /** Declared key, or undefined when there is none of that name. */
  find(name: string): Key | undefined
  /** Reads the given texts and defaults for the rest. @throws ConfigError for a bad value. */
  parse(texts: Readonly<Record<string, string>>): Parsed<K>
}

/** Declares a set of keys and the rules that join them. */
export function config<const K extends Keys>(keys: K, ...rules: CrossRule<K>[]): Config<K> {
  const find = (name: string): Key | undefined =>
    Object.hasOwn(keys, name) ? keys[name] : undefined
  return { keys, rules, find, parse: (texts) => parse(keys, rules, find, texts) }
}

function parse<K extends Keys>(
  keys: K,
  rules: readonly CrossRule<K>[],
  find: (name: string) => Key | undefined,
  texts: Readonly<Record<string, string>>,
): Parsed<K> {
  const values: Record<string, Value> = {}
  for (const [name, key] of Object.entries(keys)) values[name] = key.default
  const explicit = new Set<string>()
  const unknown: string[] = []
  const notNeeded: string[] = []
  for (const [name, written] of Object.entries(texts)) {
    const key = find(name)
    if (!key) {
      unknown.push(name)
      continue
    }
    values[name] = key.read(name, written)
    explicit.add(name)
    if (key.status === 'not-needed') notNeeded.push(name)
  }
  // Each entry was made by the key of the same name, which is what `Values` states.
  const complete = values as Values<K>
  for (const rule of rules) {
    const problem = rule(complete)
    if (problem !== undefined) throw new ConfigError('', '', '', problem)
  }
  return { values: complete, explicit, unknown, notNeeded }
}

interface Spec<D extends Value> extends Declared {
  /** The value when nothing sets the key, in the unit its name ends with; null for none. */
  readonly default: D
}

interface NumberSpec<D extends number | null> extends Spec<D> {
  /** Smallest value, included. */
  readonly min?: number
  /** Largest value, included. */
  readonly max?: number
  /** One value outside the bounds that has a meaning of its own; needs both bounds. */
  readonly special?: number
}

interface TextSpec<D extends string | null> extends Spec<D> {
  readonly rule?: Rule<string>
}

interface ListSpec<D extends readonly string[] | null> extends Spec<D> {
  /** Whether a blank value is a value. `allowed` when absent. */
  readonly empty?: 'allowed' | 'refused'
  /** Whether "no value" is one: so when the default is null, or stated. */
  readonly nullable?: boolean
  /** Replaces the usual rule for lists. */
  readonly rule?: Rule<readonly string[]>
}

/** `true` or `false`. */
export const boolean = <const D extends boolean | null>(spec: Spec<D>) =>
  key<boolean, D>('boolean', spec, text.readBoolean, rules.truth)

/** A whole number of 32 bits. */
export const int = <const D extends number | null>(spec: NumberSpec<D>) => integer('int', spec)

/** A whole number of 16 bits. */
export const short = <const D extends number | null>(spec: NumberSpec<D>) => integer('short', spec)

/** A whole number of 64 bits; beyond the safe integers it reads as `LONG_MAX`. */
export const long = <const D extends number | null>(spec: NumberSpec<D>) => integer('long', spec)

/** A floating number. */
export const double = <const D extends number | null>(spec: NumberSpec<D>) =>
  key<number, D>(
    'double',
    spec,
    text.readDouble,
    rules.range(rules.bounds('a number', spec.min, spec.max), spec.min, spec.max),
  )

/** Text, trimmed. */
export const string = <const D extends string | null>(spec: TextSpec<D>) =>
  key<string, D>('string', spec, readText, spec.rule ?? rules.anyText)

/** The name of a Java class. Moldau loads none: the name is kept, checked for nothing. */
export const className = <const D extends string | null>(spec: Spec<D>) =>
  key<string, D>('class', spec, readText, rules.anyText)

/** A secret. Its values are `Password`, which does not print itself. */
export const password = (spec: Declared) =>
  key<Password, null>(
    'password',
    { ...spec, default: null },
    (written) => ({ value: new Password(text.trim(written)) }),
    rules.anyPassword,
  )

/** A comma separated list of free entries. */
export const list = <const D extends readonly string[] | null>(spec: ListSpec<D>) =>
  key<readonly string[], D>(
    'list',
    spec,
    spec.rule ? readList : readEntries,
    spec.rule ?? rules.entries(spec.empty ?? 'allowed', spec.nullable ?? spec.default === null),
  )

/** One of several words. `ignoreCase`: any spelling is read as the declared one. */
export const oneOf = <const W extends string, const D extends W | null>(
  options: readonly W[],
  spec: Spec<D> & { readonly ignoreCase?: boolean },
) => {
  const ignoreCase = spec.ignoreCase ?? false
  const read = (written: string) => {
    const asked = text.trim(written)
    const same = (option: W) =>
      ignoreCase ? option.toLowerCase() === asked.toLowerCase() : option === asked
    // Any other word is refused by the rule right after.
    return { value: options.find(same) ?? (asked as W) }
  }
  return key<W, D>('string', spec, read, rules.word(options, ignoreCase))
}

/** A comma separated list of known words. */
export const someOf = <const W extends string, const D extends readonly W[]>(
  options: readonly W[],
  spec: Spec<D> & { readonly empty?: 'allowed' | 'refused' },
) =>
  // Words that are no option are refused by the rule.
  key<readonly W[], D>(
    'list',
    spec,
    readEntries as (written: string) => Reading<readonly W[]>,
    rules.words(options, spec.empty ?? 'allowed'),
  )

function integer<const D extends number | null>(
  type: 'int' | 'short' | 'long',
  spec: NumberSpec<D>,
) {
  const { min, max, special } = spec
  const rule =
    special === undefined || min === undefined || max === undefined
      ? rules.range(wholeNumber[type](min, max), min, max)
      : rules.rangeOr(min, max, special)
  return key<number, D>(type, spec, (written) => text.readInteger(type, written), rule)
}

/** The range in words; a `long` without a bound is not given the one of its type. */
const wholeNumber = {
  short: (min = -(2 ** 15), max = 2 ** 15 - 1) => rules.bounds('a whole number', min, max),
  int: (min = -INT_MAX - 1, max = INT_MAX) => rules.bounds('a whole number', min, max),
  long: (min?: number, max?: number) => rules.bounds('a whole number', min, max),
}

/** Joins a declaration with the way its text is read and checked. */
function key<T extends Value, D extends Value>(
  type: ValueType,
  spec: Spec<D>,
  readAs: (written: string) => Reading<T>,
  rule: Rule<T>,
): Key<T | Extract<D, null>> {
  const sensitive = type === 'password'
  return {
    type,
    // Declared per key: of the key's type, or null where the type admits it.
    default: spec.default as T | Extract<D, null>,
    defaultText: text.valueText(type, spec.default),
    valid: rule.notation,
    allowed: rule.allowed,
    doc: spec.doc,
    importance: spec.importance ?? 'medium',
    update: spec.update ?? 'read-only',
    status: spec.status ?? 'acts',
    internal: spec.internal ?? false,
    required: spec.required ?? false,
    sensitive,
    brokerSynonyms: spec.brokerSynonyms ?? [],
    read(name, written) {
      const reading = readAs(written)
      if ('problem' in reading) return rules.refuse(name, written, rule.allowed, reading.problem)
      rule.check(name, reading.value, text.valueText(type, reading.value) ?? '')
      return reading.value
    },
    canonical(written) {
      const reading = readAs(written)
      if (type === 'list' && 'value' in reading) return text.valueText(type, reading.value) ?? ''
      return text.canonicalText(type, written)
    },
  }
}

const readText = (written: string) => ({ value: text.trim(written) })
const readList = (written: string) => ({ value: text.readList(written) })
/** KIP-1161: an entry that comes twice counts once. */
const readEntries = (written: string): Reading<readonly string[]> => ({
  value: [...new Set(text.readList(written))],
})
