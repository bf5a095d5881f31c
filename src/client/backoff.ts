import type { Random } from '../kernel/environment.ts'

/** A wait that doubles with each failure up to a bound. */
export interface Backoff {
  readonly firstMs: number
  readonly maxMs: number
}

/** Part of a wait by which it is made longer or shorter, so that clients do not come back together. */
const JITTER = 0.2
const JITTER_STEPS = 1_000
/** Beyond it the doubling has passed every bound. */
const MOST_DOUBLINGS = 52

/**
 * How long to wait before the next attempt: the first wait doubled for each failure after the first,
 * at most `maxMs`, and 20 % more or less of it by chance (KIP-580).
 * @param failures attempts that have failed in a row, from 1.
 */
export function waitMs({ firstMs, maxMs }: Backoff, failures: number, random: Random): number {
  const doubled = firstMs * 2 ** Math.min(failures - 1, MOST_DOUBLINGS)
  const base = Math.min(doubled, Math.max(firstMs, maxMs))
  const chance = random.below(2 * JITTER_STEPS + 1) / JITTER_STEPS - 1
  return base * (1 + JITTER * chance)
}
