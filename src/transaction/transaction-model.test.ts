import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plantedBugs } from './model/planted-bugs-for-test.ts'
import { Violation } from './model/verdicts-for-test.ts'
import { walk } from './model/walk-for-test.ts'

/* The seeds are always the same ones here, so that a walk that fails was broken by the change at hand. */

const SEEDS = 60
const STEPS = 600
/** Seeds after which a planted bug must have been found. */
const SEEDS_PER_BUG = 400

for (const version of [0, 1, 2] as const) {
  test(`no transaction is torn or hangs in ${SEEDS} worlds of version ${version}`, (context) => {
    let transactions = 0
    let lives = 0
    for (let seed = 1; seed <= SEEDS; seed++) {
      const summary = walk({ seed, steps: STEPS, version })
      transactions += summary.transactions
      lives += summary.lives
    }
    context.diagnostic(`${transactions} transactions, ${lives} coordinators`)
    assert.ok(transactions > SEEDS)
  })
}

test('a coordinator that dies right after any record leaves nothing torn', () => {
  for (let seed = 1; seed <= 6; seed++) {
    const { records } = walk({ seed, steps: STEPS })
    for (let dieAfterRecord = 1; dieAfterRecord <= records; dieAfterRecord++) {
      walk({ seed, steps: STEPS, dieAfterRecord })
    }
  }
})

test('the same seed goes the same way', () => {
  assert.deepEqual(walk({ seed: 7, steps: STEPS }), walk({ seed: 7, steps: STEPS }))
})

for (const bug of Object.values(plantedBugs)) {
  test(`a planted bug is found: ${bug.sentence}`, (context) => {
    for (let seed = 1; seed <= SEEDS_PER_BUG; seed++) {
      try {
        walk({ seed, steps: STEPS, bug, version: bug.version ?? 2 })
      } catch (error) {
        if (!(error instanceof Violation)) throw error
        context.diagnostic(`seed ${seed}: ${error.message}`)
        return
      }
    }
    assert.fail(`not found by ${SEEDS_PER_BUG} seeds`)
  })
}
