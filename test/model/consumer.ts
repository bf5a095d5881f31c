/**
 * `node test/model/consumer.ts SEED [--seeds COUNT] [--steps N] [--plant BUG]`: a
 * consumer group and its clients in a world that goes wrong by the seed. The same seed always goes the
 * same way. With a planted bug the run is good when it is found.
 */
import { parseArgs } from 'node:util'
import {
  type PlantedBug,
  plantedBugs,
} from '../../src/group/consumer/model/planted-bugs-for-test.ts'
import { Violation } from '../../src/group/consumer/model/rules-for-test.ts'
import { runModel } from '../../src/group/consumer/model/walk-for-test.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    steps: { type: 'string', default: '10000' },
    seeds: { type: 'string', default: '1' },
    plant: { type: 'string' },
  },
})
const known: Readonly<Record<string, PlantedBug>> = plantedBugs
const bug = values.plant === undefined ? undefined : known[values.plant]
if (values.plant !== undefined && bug === undefined) {
  throw new Error(`no bug is called ${values.plant}; known: ${Object.keys(known).join(', ')}`)
}
const first = Number(positionals[0] ?? 1)
const steps = Number(values.steps)
let isFound = false
for (let seed = first; seed < first + Number(values.seeds) && !isFound; seed++) {
  const startedMs = performance.now()
  try {
    runModel({ seed, steps, ...bug })
    console.log(`seed ${seed}: ${steps} steps in ${Math.round(performance.now() - startedMs)} ms`)
  } catch (error) {
    if (!(error instanceof Violation)) throw error
    console.log(error.message)
    isFound = true
  }
}
process.exitCode = isFound === (bug !== undefined) ? 0 : 1
