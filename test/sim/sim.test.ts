import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type PlantedBug, plantedBugs } from './planted-bugs.ts'

/*
 * Runs have a process of their own, for what a broker throws ends a run and not a test. The seeds are
 * always the same ones here, so that a run that fails was broken by the change at hand;
 * `npm run sim -- 1000 --seeds 500` looks further.
 */

const SEEDS = 20
/** Seeds after which a planted bug must have been found. */
const SEEDS_PER_BUG = 40

const script = fileURLToPath(new URL('run.ts', import.meta.url))

/** @throws with the output when the run is not good. */
async function sim(...options: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...options], {
    maxBuffer: 64 * 1024 * 1024,
  })
  return stdout
}

test(`a broker keeps its promises in ${SEEDS} worlds that go wrong`, async (context) => {
  const output = await sim('1', '--seeds', `${SEEDS}`)
  for (const line of output.trim().split('\n')) context.diagnostic(line)
})

test('the same seed goes the same way', async () => {
  const fingerprint = (output: string) => /trace (\S+)/.exec(output)?.[1]
  const first = fingerprint(await sim('7'))
  assert.ok(first)
  assert.equal(fingerprint(await sim('7')), first)
})

for (const [name, bug] of Object.entries<PlantedBug>(plantedBugs)) {
  const { sentence, firstSeed = 1 } = bug
  test(`a planted bug is found: ${sentence}`, async (context) => {
    const options = ['--plant', name, '--seeds', `${SEEDS_PER_BUG}`]
    context.diagnostic(await sim(`${firstSeed}`, ...options))
  })
}
