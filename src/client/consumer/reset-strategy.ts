import { ConfigError } from '../../config/config-error.ts'

/** Where to begin without a valid offset: `auto.offset.reset`. */
export type ResetStrategy =
  | { readonly type: 'earliest' }
  | { readonly type: 'latest' }
  /** Nowhere: the application is told. */
  | { readonly type: 'none' }
  /** At the first record that is younger than this (KIP-1106). */
  | { readonly type: 'by-duration'; readonly durationMs: number }

/** What ListOffsets calls the two ends of a log. */
export const EARLIEST_TIMESTAMP = -2
export const LATEST_TIMESTAMP = -1

const BY_DURATION = 'by_duration:'
const DURATION =
  /^P(?=.)(?:(?<days>\d+)D)?(?:T(?=.)(?:(?<hours>\d+)H)?(?:(?<minutes>\d+)M)?(?:(?<seconds>\d+(?:\.\d+)?)S)?)?$/
const MS = { days: 86_400_000, hours: 3_600_000, minutes: 60_000, seconds: 1_000 } as const

/** @throws ConfigError for a text that the declaration of the key would not have let pass. */
export function parseResetStrategy(text: string): ResetStrategy {
  if (text === 'earliest' || text === 'latest' || text === 'none') return { type: text }
  const parts = text.startsWith(BY_DURATION)
    ? DURATION.exec(text.slice(BY_DURATION.length))?.groups
    : undefined
  if (parts === undefined) {
    const allowed = 'latest, earliest, none, or by_duration: and an ISO 8601 duration'
    throw new ConfigError('auto.offset.reset', text, allowed, `${text} is not one of ${allowed}`)
  }
  let durationMs = 0
  for (const [unit, ms] of Object.entries(MS)) durationMs += Number(parts[unit] ?? 0) * ms
  return { type: 'by-duration', durationMs: Math.round(durationMs) }
}

/**
 * What ListOffsets is asked to follow a strategy.
 * @param nowMs the wall clock, which the timestamps of records are compared with.
 */
export function resetTimestamp(
  strategy: Exclude<ResetStrategy, { type: 'none' }>,
  nowMs: number,
): number {
  switch (strategy.type) {
    case 'earliest':
      return EARLIEST_TIMESTAMP
    case 'latest':
      return LATEST_TIMESTAMP
    case 'by-duration':
      return Math.max(0, nowMs - strategy.durationMs)
  }
}
