import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type PlantedBug, plantedBugs } from './model/planted-bugs-for-test.ts'
import { Violation } from './model/rules-for-test.ts'
import { runModel } from './model/walk-for-test.ts'

/*
 * The seeds are always the same ones here, so that a run that fails was broken by the change at hand;
 * `node test/model/consumer.ts 1000 --seeds 20 --steps 5000` looks further.
 */

const SEEDS = 12
const STEPS = 480
/** Seeds after which a planted bug must have been found. */
const SEEDS_PER_BUG = 20

test(`a group keeps its promises in ${SEEDS} worlds that go wrong`, () => {
  for (let seed = 1; seed <= SEEDS; seed++) runModel({ seed, steps: STEPS })
})

/** The same bugs, whatever their shape. */
const bugs: Readonly<Record<string, PlantedBug>> = plantedBugs

for (const [name, bug] of Object.entries(bugs)) {
  test(`a planted bug is found, ${name}: ${bug.sentence}`, (context) => {
    for (let seed = 1; seed <= SEEDS_PER_BUG; seed++) {
      try {
        runModel({ seed, steps: STEPS, ...bug })
      } catch (error) {
        if (!(error instanceof Violation)) throw error
        context.diagnostic(error.message.split('\n', 1)[0] ?? '')
        return
      }
    }
    assert.fail(`not found in ${SEEDS_PER_BUG} seeds`)
  })
}
