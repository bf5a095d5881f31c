/**
 * Values as text, by the rules of Kafka's `ConfigDef`: which texts are a value of a type, and how a
 * value is printed. Files, command lines, `IncrementalAlterConfigs` and `DescribeConfigs` all speak
 * text, so two brokers agree about a setting only when they agree here.
 */

/** The types a key can have, in Kafka's words. */
export type ValueType =
  | 'boolean'
  | 'string'
  | 'int'
  | 'short'
  | 'long'
  | 'double'
  | 'list'
  | 'class'
  | 'password'

/**
 * What a `long` beyond the safe integers reads as: 2^53 - 1. Kafka writes "no limit" as 2^63 - 1;
 * both are far beyond any offset, size or duration (2^53 ms are 285,000 years). The text keeps the
 * exact number.
 */
export const LONG_MAX = Number.MAX_SAFE_INTEGER

/** The largest `int`: what Kafka writes for "no limit" in keys of that type. */
export const INT_MAX = 2 ** 31 - 1

/** 2^63 - 1, as Kafka prints it. */
const LONG_MAX_TEXT = '9223372036854775807'

/** A secret that does not show itself: logs, errors and JSON get `[hidden]`. */
export class Password {
  readonly #secret: string

  constructor(secret: string) {
    this.#secret = secret
  }

  /** The secret itself, for the one place that needs it. */
  reveal(): string {
    return this.#secret
  }

  toString(): string {
    return HIDDEN
  }

  toJSON(): string {
    return HIDDEN
  }
}

/** Stands for every password in text that people may see. */
export const HIDDEN = '[hidden]'

/** A value of any key. Passwords are `Password`, lists arrays, classes their names. */
export type Value = boolean | number | string | readonly string[] | Password | null

const integerRanges = {
  short: [-(2n ** 15n), 2n ** 15n - 1n],
  int: [-(2n ** 31n), 2n ** 31n - 1n],
  long: [-(2n ** 63n), 2n ** 63n - 1n],
} as const

/** Java accepts a type letter behind a floating number, and these two words. */
const DOUBLE = /^[+-]?(?:NaN|Infinity|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[dDfF]?)$/
const INTEGER = /^[+-]?\d+$/
/** What Java's `trim` removes: everything up to the space. */
const EDGES = /^[\0- ]+|[\0- ]+$/g

/** The outcome of reading a text: a value, or what is wrong with it in Kafka's words. */
export type Reading<T> = { readonly value: T } | { readonly problem: string }

/** Reads `true` or `false` in any case. */
export function readBoolean(text: string): Reading<boolean> {
  const word = trim(text).toLowerCase()
  if (word === 'true' || word === 'false') return { value: word === 'true' }
  return { problem: 'Expected value to be either true or false' }
}

/** Reads a whole number of the type's range. A `long` beyond the safe integers is `LONG_MAX`. */
export function readInteger(type: 'short' | 'int' | 'long', text: string): Reading<number> {
  const digits = exactInteger(type, text)
  if (digits === undefined) return { problem: `Not a number of type ${type.toUpperCase()}` }
  return { value: Math.max(-LONG_MAX, Math.min(LONG_MAX, Number(digits))) }
}

/** Reads a floating number as Java does; hexadecimal notation is not accepted. */
export function readDouble(text: string): Reading<number> {
  const word = trim(text)
  if (!DOUBLE.test(word)) return { problem: 'Not a number of type DOUBLE' }
  return { value: Number(word.replace(/(?<=[\d.])[dDfF]$/, '')) }
}

/** Splits at commas, dropping white space around them. Blank text is the empty list. */
export function readList(text: string): readonly string[] {
  const trimmed = trim(text)
  return trimmed === '' ? [] : trimmed.split(/\s*,\s*/)
}

/** Removes what Java's `String.trim` removes. */
export function trim(text: string): string {
  return text.replace(EDGES, '')
}

/**
 * The text Kafka shows for a value that was written as `text`: `007` is 7, `TRUE` is true, `1` as a
 * double is 1.0. A text that is no value stays as it is.
 */
export function canonicalText(type: ValueType, text: string): string {
  switch (type) {
    case 'boolean':
      return trim(text).toLowerCase()
    case 'short':
    case 'int':
    case 'long':
      return String(exactInteger(type, text) ?? trim(text))
    case 'double': {
      const reading = readDouble(text)
      return 'value' in reading ? doubleText(reading.value) : trim(text)
    }
    case 'list':
      return readList(text).join(',')
    case 'string':
    case 'class':
    case 'password':
      return trim(text)
  }
}

/** A value as Kafka prints it; null for no value. Passwords print as `[hidden]`. */
export function valueText(type: ValueType, value: Value): string | null {
  if (value === null) return null
  if (type === 'double' && typeof value === 'number') return doubleText(value)
  if (type === 'long' && value === LONG_MAX) return LONG_MAX_TEXT
  return Array.isArray(value) ? value.join(',') : String(value)
}

/** A number as Java's `Double.toString` prints it: always a fraction; E outside 0.001..10^7. */
export function doubleText(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  const size = Math.abs(value)
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0'
  if (size >= 1e-3 && size < 1e7) return Number.isInteger(value) ? `${value}.0` : String(value)
  const [mantissa = '', exponent = ''] = value.toExponential().split('e')
  return `${mantissa.includes('.') ? mantissa : `${mantissa}.0`}E${Number(exponent)}`
}

function exactInteger(type: 'short' | 'int' | 'long', text: string): bigint | undefined {
  const word = trim(text)
  // 19 digits hold any long; the length is checked first because BigInt takes any amount.
  if (!INTEGER.test(word) || word.replace(/^[+-]?0*/, '').length > 19) return undefined
  const number = BigInt(word.replace('+', ''))
  const [min, max] = integerRanges[type]
  return number < min || number > max ? undefined : number
}
