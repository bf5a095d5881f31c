import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plantedBugs } from './model/planted-bugs-for-test.ts'
import { Violation } from './model/violation-for-test.ts'
import { walk } from './model/walk-for-test.ts'

/*
 * The seeds are always the same ones here, so that a walk that fails was broken by the change at hand;
 * `node test/model/classic.ts 1000 --seeds 100 --steps 1000` looks further.
 */

const SEEDS = 12
const STEPS = 600
/** Seeds after which a planted bug must have been found. */
const SEEDS_PER_BUG = 20

test(`members come together in ${SEEDS} worlds that go wrong, and nobody is told wrong`, (context) => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { generations, lives, clients } = walk({ seed, steps: STEPS })
    context.diagnostic(
      `seed ${seed}: ${clients} clients, ${generations} generations, ${lives} coordinators`,
    )
    assert.ok(generations > 0)
  }
})

test('the same seed goes the same way', () => {
  assert.deepEqual(walk({ seed: 7, steps: STEPS }), walk({ seed: 7, steps: STEPS }))
})

for (const { sentence, decide } of Object.values(plantedBugs)) {
  test(`a planted bug is found: ${sentence}`, (context) => {
    for (let seed = 1; seed <= SEEDS_PER_BUG; seed++) {
      try {
        walk({ seed, steps: STEPS, decide })
      } catch (error) {
        if (!(error instanceof Violation)) throw error
        context.diagnostic(error.message)
        return
      }
    }
    assert.fail(`not found by ${SEEDS_PER_BUG} seeds`)
  })
}
