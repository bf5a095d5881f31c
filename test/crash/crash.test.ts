import { test } from 'node:test'
import { noControl } from '../clients/harness.ts'
import { crashLoop } from './rounds.ts'

/** A small budget; `npm run crash` has the large one. */
const rounds = 4

for (const damage of [false, true])
  test(`kill -9${damage ? ' and damaged ends of files lose' : ' loses'} nothing acknowledged`, {
    skip: noControl,
  }, async (context) => {
    const seed = Number(process.env.MOLDAU_TEST_SEED ?? Date.now() % 1_000_000)
    context.diagnostic(`seed ${seed}`)
    await crashLoop({ rounds, seed, damage, log: (line) => context.diagnostic(line) })
  })
