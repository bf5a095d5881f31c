import { ConfigError } from './config-error.ts'
import type { Password, Value } from './value-text.ts'

/**
 * What a key accepts beyond its type. Each rule carries Kafka's notation for it, words for people,
 * and the check, whose sentences are Kafka's: tools print them and scripts look for them.
 */
export interface Rule<T extends Value> {
  /** Kafka's notation, as its documentation shows it; undefined where the type says all. */
  readonly notation: string | undefined
  /** Words for documents and error messages. */
  readonly allowed: string
  /** @throws ConfigError when the value breaks the rule. `shown` is how the value is printed. */
  check(key: string, value: T, shown: string): void
}

/** Refuses with Kafka's usual sentence. */
export function refuse(key: string, shown: string, allowed: string, problem: string): never {
  const message = `Invalid value ${shown} for configuration ${key}: ${problem}`
  throw new ConfigError(key, shown, allowed, message)
}

/** Bounds of a number, both included; an absent bound is the type's own. `allowed`: in words. */
export function range(allowed: string, min?: number, max?: number): Rule<number> {
  const unbounded = min === undefined && max === undefined
  return {
    notation: unbounded ? undefined : `[${min ?? ''},...${max === undefined ? '' : `,${max}`}]`,
    allowed,
    check(key, value, shown) {
      if (min !== undefined && value < min)
        refuse(key, shown, allowed, `Value must be at least ${min}`)
      if (max !== undefined && value > max)
        refuse(key, shown, allowed, `Value must be no more than ${max}`)
    },
  }
}

/** A range, and one number outside it that has a meaning of its own. */
export function rangeOr(min: number, max: number, special: number): Rule<number> {
  const allowed = `a whole number from ${min} to ${max}, or ${special}`
  const problem = `Value must be between ${min} and ${max} or equal to ${special}`
  return {
    notation: `[${min},...,${max}] or ${special}`,
    allowed,
    check(key, value, shown) {
      if (value !== special && (value < min || value > max)) refuse(key, shown, allowed, problem)
    },
  }
}

/** One of several words. */
export function word(words: readonly string[], ignoreCase: boolean): Rule<string> {
  const shownWords = ignoreCase ? words.map((each) => each.toUpperCase()) : words
  const names = shownWords.join(', ')
  const allowed = `one of: ${words.join(', ')}`
  const problem = `String must be one of${ignoreCase ? ' (case insensitive)' : ''}: ${names}`
  return {
    notation: `${ignoreCase ? '(case insensitive) ' : ''}[${names}]`,
    allowed,
    check(key, value, shown) {
      const asked = ignoreCase ? value.toUpperCase() : value
      if (!shownWords.includes(asked)) refuse(key, shown, allowed, problem)
    },
  }
}

/** The type boolean says all. */
export const truth: Rule<boolean> = { notation: undefined, allowed: 'true or false', check() {} }

/** Any text. */
export const anyText: Rule<string> = { notation: undefined, allowed: 'any text', check() {} }

/** Any secret. */
export const anyPassword: Rule<Password> = { notation: undefined, allowed: 'any text', check() {} }

/** Any text; Kafka says so in its own way where "no value" would otherwise pass. */
export const presentText: Rule<string> = { ...anyText, notation: 'non-null string' }

/** Text that says something. */
export const nonEmptyText: Rule<string> = {
  notation: 'non-empty string',
  allowed: 'text, not empty',
  check(key, value, shown) {
    if (value === '') refuse(key, shown, this.allowed, 'String must be non-empty')
  },
}

/** What a list of free entries accepts: none blank (KIP-1161). The reader has dropped doubles. */
export function entries(empty: 'allowed' | 'refused', nullable: boolean): Rule<readonly string[]> {
  const size = empty === 'allowed' ? '' : ', not empty'
  const allowed = `a comma separated list${size}`
  return {
    notation: `(code: ValidList isEmptyAllowed=${empty === 'allowed'} isNullAllowed=${nullable})`,
    allowed,
    check(key, value, shown) {
      checkEntries(key, value, shown, allowed, empty, 'any non-empty value')
    },
  }
}

/** What a list of known words accepts: none blank (KIP-1161). The reader has dropped doubles. */
export function words(
  known: readonly string[],
  empty: 'allowed' | 'refused',
): Rule<readonly string[]> {
  const each = word(known, false)
  const allowed = `a comma separated list of: ${known.join(', ')}`
  return {
    notation: each.notation,
    allowed,
    check(key, value, shown) {
      checkEntries(key, value, shown, allowed, empty, `[${known.join(', ')}]`)
      for (const entry of value) each.check(key, entry, entry)
    },
  }
}

function checkEntries(
  key: string,
  value: readonly string[],
  shown: string,
  allowed: string,
  empty: 'allowed' | 'refused',
  valid: string,
): void {
  const fail = (problem: string): never => {
    throw new ConfigError(key, shown, allowed, `Configuration '${key}' ${problem}`)
  }
  if (value.length === 0 && empty === 'refused')
    fail(`must not be empty. Valid values include: ${valid}`)
  if (value.includes('')) fail('values must not be empty.')
}

/** Replicas under a replication quota: `*`, or pairs of partition and broker (KIP-73). */
export const throttledReplicas: Rule<readonly string[]> = {
  notation: '[partitionId]:[brokerId],[partitionId]:[brokerId],...',
  allowed: '* or a comma separated list of partition:broker',
  check(key, value) {
    const pairs = value.every((entry) => /^(?:\d+:\d+)?$/.test(entry.trim()))
    if (pairs || value.join('').trim() === '*') return
    const problem =
      `${key} must be the literal '*' or a list of replicas in the following format: ` +
      '[partitionId]:[brokerId],[partitionId]:[brokerId],...'
    refuse(key, `[${value.join(', ')}]`, this.allowed, problem)
  },
}

/** Addresses of a quorum. Moldau has none, so any list passes. */
export const quorumMembers: Rule<readonly string[]> = {
  notation: 'non-empty list',
  allowed: 'a comma separated list',
  check() {},
}

/** Where a new share group starts to read (KIP-932, KIP-1106). */
export const shareOffsetReset: Rule<string> = {
  notation: '[latest, earliest, by_duration:PnDTnHnMn.nS]',
  allowed: 'latest, earliest, or by_duration: and an ISO 8601 duration such as by_duration:PT1H',
  check(key, value, shown) {
    if (value === 'latest' || value === 'earliest') return
    if (value.startsWith(BY_DURATION) && DURATION.test(value.slice(BY_DURATION.length))) return
    const problem =
      `Invalid value \`${value}\` for configuration ${key}. The value must be either 'earliest', ` +
      `'latest' or of the format 'by_duration:<PnDTnHnMn.nS>'.`
    refuse(key, shown, this.allowed, problem)
  },
}

/** Days, hours, minutes, seconds; at least one of them, none negative. */
const DURATION = /^P(?=\d|T\d)(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d{1,9})?S)?)?$/i
const BY_DURATION = 'by_duration:'

/** Bounds in words: `a number from 0 to 1`. */
export function bounds(words: string, min?: number, max?: number): string {
  if (min === undefined && max === undefined) return words
  if (max === undefined) return `${words}, at least ${min}`
  return min === undefined ? `${words}, at most ${max}` : `${words} from ${min} to ${max}`
}
