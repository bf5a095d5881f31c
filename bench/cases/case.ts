/** What a case of the benchmark is, and what all of them share. */

import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Broker, BrokerName, BrokerOptions } from '../broker.ts'
import { pinned, runToEnd } from '../child.ts'
import { startKafka } from '../kafka.ts'
import { checkoutCommand, startMoldau } from '../moldau.ts'
import { cacheDirectory } from '../paths.ts'
import type { Rdkafka } from '../rdkafka.ts'

/** Figures of one round by name; the unit is in the name. */
export type Figures = Readonly<Record<string, number>>

/** Which core each side is bound to; undefined: any. */
export interface Cores {
  readonly broker: number | undefined
  readonly client: number | undefined
}

/** One round of a case against one broker. */
export interface Round {
  readonly brokerName: BrokerName
  readonly cores: Cores
  /** Less load and shorter times: to see that everything works, not to publish. */
  readonly isQuick: boolean
  readonly tools: Tools
}

/** What may be absent on a machine. A case that needs one is only run where it is. */
export interface Tools {
  readonly rdkafka: Rdkafka | undefined
  /** Command of Moldau as installed from its npm package. */
  readonly packedCommand: readonly string[] | undefined
}

export interface Case {
  readonly name: string
  /** The brokers it can be run against. */
  readonly brokers: readonly BrokerName[]
  readonly needs?: keyof Tools
  /** A compression codec that the client has to be built with. */
  readonly codec?: string
  /** Runs one round, on a broker of its own. */
  readonly run: (round: Round) => Promise<Figures>
}

export const bothBrokers: readonly BrokerName[] = ['moldau', 'kafka']

const SYNC_LIMIT_MS = 120_000

/**
 * Starts the broker of the round in an empty directory, and ends it and removes its data afterwards.
 * What it left unwritten is written before the next one starts, so that nobody pays for another's.
 */
export async function withBroker<T>(
  round: Round,
  work: (broker: Broker) => Promise<T>,
  start = startBroker,
): Promise<T> {
  const home = await mkdtemp(join(cacheDirectory, 'data-'))
  const removeAtExit = (): void => rmSync(home, { recursive: true, force: true })
  process.once('exit', removeAtExit)
  try {
    const broker = await start(round, { directory: join(home, 'data'), core: round.cores.broker })
    try {
      return await work(broker)
    } finally {
      await broker.stop()
    }
  } finally {
    await rm(home, { recursive: true, force: true })
    process.off('exit', removeAtExit)
    await runToEnd(['sync'], { limitMs: SYNC_LIMIT_MS })
  }
}

/** The broker of the round, as most cases want it. */
export async function startBroker(round: Round, options: BrokerOptions): Promise<Broker> {
  if (round.brokerName === 'kafka') return await startKafka(options)
  return await startMoldau(options, checkoutCommand)
}

/** `startBroker` with other settings than the default ones, which both brokers know. */
export function startWith(settings: NonNullable<BrokerOptions['settings']>): typeof startBroker {
  return (round, options) => startBroker(round, { ...options, settings })
}

/** Runs one of `bench/clients` in a process of its own, on the client's core. @returns its figures. */
export async function runClient(
  round: Round,
  script: string,
  options: Readonly<Record<string, string | number>>,
  limitMs: number,
): Promise<Figures> {
  const path = join(import.meta.dirname, '../clients', script)
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, `${value}`])
  const command = pinned(round.cores.client, [process.execPath, path, ...args])
  const { stdout } = await runToEnd(command, { limitMs })
  // Printed by our own client: the last line is one flat object of numbers.
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Figures
}
