/** `npm run crash -- [--rounds 50] [--seed N]`: the crash loop twice, first with kills alone, then with
 *  damaged files as well. */

import { parseArgs } from 'node:util'
import { crashLoop } from './rounds.ts'

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '50' }, seed: { type: 'string' } },
})
const rounds = Number(values.rounds)
const seed = Number(values.seed ?? Date.now() % 1_000_000)
console.log(`seed ${seed}`)
for (const damage of [false, true]) {
  console.log(damage ? 'kills, and damaged ends of files' : 'kills')
  await crashLoop({ rounds, seed, damage, log: console.log })
}
console.log(`${2 * rounds} rounds, nothing lost`)
