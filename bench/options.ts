/** The command line of the benchmark. */

import { parseArgs } from 'node:util'

export interface Options {
  /** Names of cases; undefined: all. */
  readonly only: readonly string[] | undefined
  readonly rounds: number
  readonly isQuick: boolean
  readonly withKafka: boolean
  /** True: one core each; false: as the system likes. Both are run by default. */
  readonly pinnings: readonly boolean[]
  /** Whether `results.json` and `RESULTS.md` are written. */
  readonly isWritten: boolean
}

const ROUNDS = 5
const QUICK_ROUNDS = 2

export const usage = `npm run bench -- [--only case,…] [--rounds N] [--quick] [--against kafka|none]
                 [--pinned | --unpinned] [--write]`

/** @throws Error with a sentence for what is wrong with the arguments. */
export function readOptions(args: readonly string[], caseNames: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      against: { type: 'string', default: 'kafka' },
      pinned: { type: 'boolean', default: false },
      unpinned: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
    },
  })
  const only = values.only?.split(',')
  const unknown = only?.find((name) => !caseNames.includes(name))
  if (unknown !== undefined)
    throw new Error(`--only ${unknown}: the cases are ${caseNames.join(', ')}`)
  const rounds = Number(values.rounds ?? (values.quick ? QUICK_ROUNDS : ROUNDS))
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new Error(`--rounds ${values.rounds}: a whole number, at least 1`)
  if (values.against !== 'kafka' && values.against !== 'none')
    throw new Error(`--against ${values.against}: kafka or none`)
  return {
    only,
    rounds,
    isQuick: values.quick,
    withKafka: values.against === 'kafka',
    pinnings: values.pinned === values.unpinned ? [true, false] : [values.pinned],
    isWritten: values.write,
  }
}
