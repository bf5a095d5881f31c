/**
 * `npm run fuzz -- [--seconds N] [--seed S] [--target NAME]`: fuzzes for a long time and watches
 * memory. `--seed` with `--target` and `--once` repeats one attempt. Exit code 1 on a finding.
 */
import { parseArgs } from 'node:util'
import { attempt, fuzz } from './fuzz.ts'
import { targets } from './targets.ts'

/** Caches and compiled code are in place by then. */
const WARM_UP_FRACTION = 0.2
/** Garbage that waits to be collected varies by less. */
const GROWTH_LIMIT_BYTES = 256 * 1024 * 1024

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
    target: { type: 'string' },
    once: { type: 'boolean', default: false },
  },
})
const seed = Number(values.seed)
const chosen = targets.filter(({ name }) => values.target === undefined || name === values.target)
if (chosen.length === 0 || !Number.isSafeInteger(seed) || !(Number(values.seconds) > 0)) {
  console.error(`--target is one of: ${targets.map(({ name }) => name).join(', ')}`)
  process.exit(1)
}

if (values.once) {
  for (const target of chosen) {
    console.log(`${target.name}, seed ${seed}: ${attempt(target, seed) ? 'refused' : 'decoded'}`)
  }
} else {
  fuzzForSeconds(Number(values.seconds))
}

function fuzzForSeconds(seconds: number): void {
  console.log(`fuzzing ${chosen.map(({ name }) => name).join(', ')} for ${seconds} s, seed ${seed}`)
  const startMs = performance.now()
  const elapsed = (): number => (performance.now() - startMs) / 1000
  const warm = fuzz(chosen, seed, () => elapsed() > seconds * WARM_UP_FRACTION)
  const before = process.memoryUsage.rss()
  const rest = fuzz(chosen, seed + warm.attempts, () => elapsed() > seconds)
  const growth = process.memoryUsage.rss() - before
  const attempts = warm.attempts + rest.attempts
  const refused = Math.round(((warm.refused + rest.refused) / attempts) * 100)
  const megabytes = Math.round(growth / 1024 / 1024)
  console.log(`${attempts} attempts, ${refused} % refused, memory grew by ${megabytes} MB`)
  if (growth > GROWTH_LIMIT_BYTES) {
    console.error(`memory grew by more than ${GROWTH_LIMIT_BYTES / 1024 / 1024} MB`)
    process.exitCode = 1
  }
}
