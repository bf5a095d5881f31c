/**
 * `npm run sim -- SEED [--seeds COUNT] [--steps N] [--trace] [--plant BUG]`: a whole broker and its
 * clients in a world where time, network and disk are simulated and go wrong by the seed. The same seed
 * always goes the same way. With a planted bug the run is good when it is found.
 */
import { parseArgs } from 'node:util'
import { isPlantedBug, type PlantedBug, plantedBugs } from './planted-bugs.ts'
import { Failure, simulate } from './simulate.ts'

const DEFAULT_STEPS = '80'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    steps: { type: 'string', default: DEFAULT_STEPS },
    seeds: { type: 'string', default: '1' },
    trace: { type: 'boolean', default: false },
    plant: { type: 'string', default: 'none' },
  },
})
const bug: PlantedBug | undefined = isPlantedBug(values.plant)
  ? plantedBugs[values.plant]
  : undefined
if (bug === undefined && values.plant !== 'none') {
  throw new Error(`no bug is called ${values.plant}; known: ${Object.keys(plantedBugs).join(', ')}`)
}
const first = Number(positionals[0] ?? 1)
const remove = bug?.install?.()
let failures = 0
for (let seed = first; seed < first + Number(values.seeds); seed++) {
  if (!(await passes(seed))) failures += 1
  if (bug !== undefined && failures > 0) break
}
remove?.()
const isGood = bug === undefined ? failures === 0 : failures > 0
if (bug !== undefined) console.log(isGood ? 'found' : 'not found', `: ${bug.sentence}`)
process.exitCode = isGood ? 0 : 1

/** Runs one seed and says what came of it. */
async function passes(seed: number): Promise<boolean> {
  const startedMs = performance.now()
  try {
    const { fingerprint, lives, powerCuts, records, simulatedMs } = await simulate({
      seed,
      steps: Number(values.steps),
      ...(bug?.plants && { plants: bug.plants }),
      ...(values.trace && { print: console.log }),
    })
    const ms = Math.round(performance.now() - startedMs)
    console.log(
      `seed ${seed}: ${records} records, ${lives} lives, ${powerCuts} power cuts, ` +
        `${Math.round(simulatedMs / 1000)} s simulated in ${ms} ms, trace ${fingerprint}`,
    )
    return true
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    if (bug === undefined) console.error(error.message)
    else console.log(error.message.split('\n', 1)[0])
    return false
  }
}
