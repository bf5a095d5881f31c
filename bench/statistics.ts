/** The few statistics that the figures are reported with. */

/** The value in the middle; of an even count the mean of the two. NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  if (sorted.length % 2 === 1) return sorted[Math.floor(middle)]!
  return ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2
}

/**
 * The smallest value that at least `share` of all values do not exceed, as it was measured: nothing is
 * interpolated. NaN of nothing.
 * @param sorted ascending.
 * @param share 0.5, 0.99, 0.999.
 */
export function percentile(sorted: Float64Array, share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}
