/**
 * `node test/model/classic.ts SEED [--seeds COUNT] [--steps N] [--plant BUG]`: members of a classic group
 * join, leave, crash, pause and start again, and coordinators die, by the seed. The same seed always
 * goes the same way. With a planted bug the run is good when it is found.
 */
import { parseArgs } from 'node:util'
import { plantedBugs } from '../../src/group/classic/model/planted-bugs-for-test.ts'
import { Violation } from '../../src/group/classic/model/violation-for-test.ts'
import { walk } from '../../src/group/classic/model/walk-for-test.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    steps: { type: 'string', default: '100000' },
    seeds: { type: 'string', default: '1' },
    plant: { type: 'string', default: 'none' },
  },
})
const bug = plantedBugs[values.plant]
if (bug === undefined && values.plant !== 'none') {
  throw new Error(`no bug is called ${values.plant}; known: ${Object.keys(plantedBugs).join(', ')}`)
}
const first = Number(positionals[0] ?? 1)
let failures = 0
for (let seed = first; seed < first + Number(values.seeds); seed++) {
  if (!passes(seed)) failures += 1
  if (bug !== undefined && failures > 0) break
}
const isGood = bug === undefined ? failures === 0 : failures > 0
if (bug !== undefined) console.log(isGood ? 'found' : 'not found', `: ${bug.sentence}`)
process.exitCode = isGood ? 0 : 1

/** Runs one seed and says what came of it. */
function passes(seed: number): boolean {
  const startedMs = performance.now()
  try {
    const steps = Number(values.steps)
    const summary = walk({ seed, steps, ...(bug && { decide: bug.decide }) })
    const ms = Math.round(performance.now() - startedMs)
    const { calms, clients, generations, lives } = summary
    console.log(
      `seed ${seed}: ${steps} steps in ${ms} ms: ${clients} clients, ${generations} generations, ` +
        `${lives} coordinators, ${calms} calms`,
    )
    return true
  } catch (error) {
    if (!(error instanceof Violation)) throw error
    console.log(error.message)
    return false
  }
}
