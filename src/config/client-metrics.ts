import { config, int, list, type Values } from './declare.ts'

/** Bounds of the push interval; Kafka checks them when a subscription is altered, not by type. */
const INTERVAL_MS = { min: 100, max: 3_600_000 }

/** The keys of a telemetry subscription of clients (KIP-714). */
export const clientMetricsConfig = config({
  'interval.ms': int({
    default: 300_000,
    status: 'accepted',
    doc: 'Time between two pushes of a client, from 100 ms to an hour.',
  }),
  match: list({
    default: [],
    status: 'accepted',
    doc: 'Which clients the subscription is for, as name=pattern entries; empty for all.',
  }),
  metrics: list({
    default: [],
    status: 'accepted',
    doc: 'Prefixes of the metrics to push; * for all, empty for none.',
  }),
})

/** The settings of one subscription. */
export type ClientMetricsConfig = Values<typeof clientMetricsConfig.keys>

/** What an entry of `match` may name. */
const matchable = [
  'client_instance_id',
  'client_id',
  'client_software_name',
  'client_software_version',
  'client_source_address',
  'client_source_port',
]

/** @returns what is wrong with a push interval, or undefined. */
export function intervalProblem(intervalMs: number): string | undefined {
  if (intervalMs >= INTERVAL_MS.min && intervalMs <= INTERVAL_MS.max) return undefined
  const range = `between ${INTERVAL_MS.min} and ${INTERVAL_MS.max} (1 hour)`
  return `Invalid value ${intervalMs} for interval.ms, interval must be ${range}`
}

/** @returns what is wrong with the entries of `match`, or undefined. */
export function matchProblem(entries: readonly string[]): string | undefined {
  const bad = entries.find((entry) => !isMatch(entry))
  return bad === undefined ? undefined : `Illegal client matching pattern: ${bad}`
}

function isMatch(entry: string): boolean {
  const [name, pattern, ...rest] = entry.split('=')
  if (name === undefined || !pattern || rest.length > 0) return false
  return matchable.includes(name.trim()) && isPattern(pattern.trim())
}

function isPattern(source: string): boolean {
  try {
    new RegExp(source, 'u')
    return true
  } catch {
    return false
  }
}
