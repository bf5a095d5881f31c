/** From the start of the process to the first answer to ApiVersions, on an empty data directory. */

import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { checkoutCommand, startMoldau } from '../moldau.ts'
import { cacheDirectory } from '../paths.ts'
import { bothBrokers, type Case, type Figures, type Round, withBroker } from './case.ts'

export const startCases: readonly Case[] = [
  {
    name: 'start',
    brokers: bothBrokers,
    run: (round) =>
      round.brokerName === 'kafka'
        ? withBroker(round, async ({ startMs }) => ({ startMs }))
        : startTwice(round, checkoutCommand),
  },
  {
    name: 'start-packed',
    brokers: ['moldau'],
    needs: 'packedCommand',
    run: (round) => startTwice(round, round.tools.packedCommand ?? []),
  },
]

/**
 * Node keeps the compiled form of modules from one start to the next (`module.enableCompileCache`).
 * The first figure is of a machine that has never run this version, the second of every later start.
 */
async function startTwice(round: Round, command: readonly string[]): Promise<Figures> {
  const compileCache = await mkdtemp(join(cacheDirectory, 'compile-cache-'))
  const env = { ...process.env, NODE_COMPILE_CACHE: compileCache }
  const startOnce = (): Promise<number> =>
    withBroker(
      round,
      async ({ startMs }) => startMs,
      (_, options) => startMoldau(options, command, env),
    )
  try {
    const firstStartMs = await startOnce()
    return { firstStartMs, startMs: await startOnce() }
  } finally {
    await rm(compileCache, { recursive: true, force: true })
  }
}
