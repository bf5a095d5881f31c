/**
 * `npm run bench`: Moldau and a real Kafka under the same load, in turn. See README.md.
 */

import { mkdir } from 'node:fs/promises'
import { availableParallelism, loadavg } from 'node:os'
import type { BrokerName } from './broker.ts'
import type { Case, Cores, Figures, Round, Tools } from './cases/case.ts'
import { groupCases } from './cases/groups.ts'
import { idleCases } from './cases/idle.ts'
import { ownClientCases } from './cases/own-clients.ts'
import { startCases } from './cases/start.ts'
import { throughputCases } from './cases/throughput.ts'
import { runToEnd } from './child.ts'
import { kafkaMissing, kafkaVersion } from './kafka.ts'
import { describeMachine } from './machine.ts'
import { type InstalledPackage, installPackage } from './moldau.ts'
import { type Options, readOptions, usage } from './options.ts'
import { cacheDirectory } from './paths.ts'
import { findRdkafka } from './rdkafka.ts'
import { caseLines, writeReport } from './report.ts'
import { type Measured, merge, OWN_CLIENT, readResults, writeResults } from './store.ts'

const BROKER_CORE = 0
const CLIENT_CORE = 1
const TASKSET_LIMIT_MS = 5000

const cases: readonly Case[] = [
  ...startCases,
  ...idleCases,
  ...throughputCases,
  ...ownClientCases,
  ...groupCases,
]
let failures = 0

await main(optionsOrExit())
process.exit(failures === 0 ? 0 : 1)

function optionsOrExit(): Options {
  try {
    const names = cases.map(({ name }) => name)
    return readOptions(process.argv.slice(2), names)
  } catch (error) {
    // Only `readOptions` and `parseArgs` throw here, and both say what is wrong.
    console.error(`${(error as Error).message}\n${usage}`)
    process.exit(2)
  }
}

async function main(options: Options): Promise<void> {
  await mkdir(cacheDirectory, { recursive: true })
  const chosen = cases.filter(({ name }) => options.only?.includes(name) ?? true)
  const machine = await describeMachine()
  const kafka = await kafkaToCompareWith(options)
  const pinnings = await possiblePinnings(options)
  await using packed = await packageFor(chosen)
  const rdkafka = chosen.some(({ needs }) => needs === 'rdkafka')
    ? await throughputClient()
    : undefined
  const tools: Tools = { rdkafka, packedCommand: packed?.command }
  const { processor, memory, system, moldau } = machine
  console.log(`${processor}, ${memory}, ${system} · Moldau ${moldau} · Kafka ${kafka ?? 'not run'}`)

  const measured: Measured[] = []
  for (const isPinned of pinnings)
    for (const one of chosen) {
      if (!isPossible(one, tools)) continue
      const rounds = await runRounds(one, coresOf(isPinned), kafka !== undefined, options, tools)
      const { isQuick } = options
      const date = new Date().toISOString()
      const client = one.needs === 'rdkafka' ? `librdkafka ${rdkafka?.version}` : OWN_CLIENT
      const facts = { isPinned, isQuick, date, machine, client, rounds }
      const result: Measured = { caseName: one.name, ...facts, ...(kafka && { kafka }) }
      for (const line of caseLines(result)) console.log(`= ${line}`)
      measured.push(result)
      if (!options.isWritten) continue
      const results = merge(readResults(), measured)
      writeResults(results)
      writeReport(results)
    }
}

/** What is absent altogether was told when it was looked for. */
function isPossible({ name, needs, codec }: Case, tools: Tools): boolean {
  if (needs !== undefined && tools[needs] === undefined) return false
  if (codec === undefined || tools.rdkafka?.features.has(codec)) return true
  console.log(`without the case ${name}: the client was built without ${codec}`)
  return false
}

/** A, B, A, B: the brokers take turns, so that what the machine does besides strikes both alike. */
async function runRounds(
  { name, brokers, run }: Case,
  cores: Cores,
  withKafka: boolean,
  { rounds, isQuick }: Options,
  tools: Tools,
): Promise<Record<BrokerName, Figures[]>> {
  const figures: Record<BrokerName, Figures[]> = { moldau: [], kafka: [] }
  const turns = brokers.filter((brokerName) => withKafka || brokerName !== 'kafka')
  for (let round = 1; round <= rounds; round++)
    for (const brokerName of turns) {
      const where = cores.broker === undefined ? 'not pinned' : 'pinned'
      const title = `${name}, ${where}, round ${round} of ${rounds}, ${brokerName}`
      const found = await runOne(title, run, { brokerName, cores, isQuick, tools })
      if (found) figures[brokerName].push(found)
    }
  return figures
}

/** A round that fails is told and left out; the run goes on. */
async function runOne(title: string, run: Case['run'], round: Round): Promise<Figures | undefined> {
  const [loadAverage = 0] = loadavg()
  try {
    const figures = { ...(await run(round)), loadAverage }
    const shown = Object.entries(figures).map(([key, value]) => `${key} ${value.toPrecision(4)}`)
    console.log(`${title}: ${shown.join(', ')}`)
    return figures
  } catch (error) {
    failures += 1
    console.error(`${title} FAILED: ${error instanceof Error ? error.message : error}`)
    return undefined
  }
}

function coresOf(isPinned: boolean): Cores {
  return isPinned
    ? { broker: BROKER_CORE, client: CLIENT_CORE }
    : { broker: undefined, client: undefined }
}

/** The version of Kafka; undefined when only Moldau is run. */
async function kafkaToCompareWith({ withKafka }: Options): Promise<string | undefined> {
  if (!withKafka) return undefined
  const missing = await kafkaMissing()
  if (missing === undefined) return await kafkaVersion()
  console.log(`Moldau alone: ${missing}`)
  return undefined
}

async function possiblePinnings({ pinnings }: Options): Promise<readonly boolean[]> {
  const works = await runToEnd(['taskset', '-c', `${BROKER_CORE},${CLIENT_CORE}`, 'true'], {
    limitMs: TASKSET_LIMIT_MS,
  }).catch(() => undefined)
  if (works && availableParallelism() > CLIENT_CORE) return pinnings
  console.log('nothing is pinned: that takes two cores and taskset (util-linux)')
  return [false]
}

async function throughputClient(): Promise<Tools['rdkafka']> {
  const found = await findRdkafka()
  if (!('missing' in found)) return found
  console.log(`without the throughput cases: ${found.missing}`)
  return undefined
}

async function packageFor(chosen: readonly Case[]): Promise<InstalledPackage | undefined> {
  if (!chosen.some(({ needs }) => needs === 'packedCommand')) return undefined
  try {
    return await installPackage()
  } catch (error) {
    console.log(`without the start of the npm package: ${error}`)
    return undefined
  }
}
