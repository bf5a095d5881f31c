/** The options of clients: Kafka's names as they are, or the same in camel case, read by the one
 *  declaration of each key in `config`. */

import type { Config, Keys, Parsed } from '../config/declare.ts'
import { suggestion } from './suggestion.ts'

/** `linger.ms` as `lingerMs`. */
export type CamelCase<Name extends string> = Name extends `${infer Head}.${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name

/** What an option may be given as: the value itself, or the text of a properties file. */
type Given<T> =
  | (T extends string ? (string extends T ? string : T | (string & {})) : never)
  | (T extends number | boolean ? T | `${T}` : never)
  | (T extends readonly (infer E)[] ? readonly E[] | string : never)
  // Passwords and names of classes are texts.
  | (T extends null ? string : never)

/** Kafka's options in either spelling. */
export type KafkaOptions<K extends Keys> = {
  readonly [N in keyof K & string]?: Given<K[N]['default']>
} & {
  readonly [N in keyof K & string as CamelCase<N>]?: Given<K[N]['default']>
}

/** `linger.ms` as `lingerMs`. */
export function camelCase(name: string): string {
  return name.replace(/\.(.)/g, (_, letter: string) => letter.toUpperCase())
}

/**
 * Reads options. Options that are undefined count as not given.
 * @param own options of the caller that are no configuration keys: left alone.
 * @param warn told, once each, of names that are no option and of keys that have no effect here.
 * @throws ConfigError naming key, value and what is allowed; for a key that is given twice.
 */
export function readOptions<K extends Keys>(
  config: Config<K>,
  options: object,
  own: ReadonlySet<string>,
  warn: (sentence: string) => void,
): Parsed<K> {
  const names = new Map<string, string>()
  for (const name of Object.keys(config.keys)) names.set(name, name).set(camelCase(name), name)
  const texts: Record<string, string> = {}
  for (const [given, value] of Object.entries(options) as [string, unknown][]) {
    if (value === undefined || own.has(given)) continue
    const name = names.get(given)
    if (name === undefined) warn(unknownOption(given, names.keys(), own))
    else if (name in texts) throw new TypeError(`${name} is given twice, also as ${given}`)
    else texts[name] = textOf(name, value)
  }
  const parsed = config.parse(texts)
  for (const name of parsed.notNeeded) warn(`${name} has no effect in this client`)
  return parsed
}

function unknownOption(given: string, known: Iterable<string>, own: ReadonlySet<string>): string {
  return `'${given}' is no option of this client${suggestion(given, [...known, ...own])}`
}

function textOf(name: string, value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (Array.isArray(value)) return value.join(',')
  throw new TypeError(
    `${name} is ${typeof value}; it must be text, a number, a truth value or a list`,
  )
}
