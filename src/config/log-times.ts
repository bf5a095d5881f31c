/** Times that Kafka lets people write in several units: the smallest unit that is set counts. */

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/** Age at which segments are deleted; -1 for no limit, as any negative number means. */
export function logRetentionMs(c: {
  readonly 'log.retention.ms': number | null
  readonly 'log.retention.minutes': number | null
  readonly 'log.retention.hours': number
}): number {
  const minutes = c['log.retention.minutes']
  const coarse = minutes === null ? c['log.retention.hours'] * HOUR_MS : minutes * MINUTE_MS
  return Math.max(-1, c['log.retention.ms'] ?? coarse)
}

/** Age at which a segment is closed. */
export function logRollMs(c: {
  readonly 'log.roll.ms': number | null
  readonly 'log.roll.hours': number
}): number {
  return c['log.roll.ms'] ?? c['log.roll.hours'] * HOUR_MS
}

/** Largest random part taken off the roll age. */
export function logRollJitterMs(c: {
  readonly 'log.roll.jitter.ms': number | null
  readonly 'log.roll.jitter.hours': number
}): number {
  return c['log.roll.jitter.ms'] ?? c['log.roll.jitter.hours'] * HOUR_MS
}

/** Longest time a record stays unsynced. */
export function logFlushMs(c: {
  readonly 'log.flush.interval.ms': number | null
  readonly 'log.flush.scheduler.interval.ms': number
}): number {
  return c['log.flush.interval.ms'] ?? c['log.flush.scheduler.interval.ms']
}

/**
 * Keys that say the same thing, the one that counts first. A value from a later source silences the
 * others of its family from earlier ones: whoever sets hours over a file that sets milliseconds
 * means the hours.
 */
export const synonymFamilies: readonly (readonly string[])[] = [
  ['log.roll.ms', 'log.roll.hours'],
  ['log.roll.jitter.ms', 'log.roll.jitter.hours'],
  ['log.retention.ms', 'log.retention.minutes', 'log.retention.hours'],
]
