/** Starting a real Kafka beside the project, to compare with. */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Broker, type BrokerOptions, firstAnswer, freePort } from './broker.ts'
import { pinned, runToEnd, startChild } from './child.ts'
import { kafkaScript } from './paths.ts'
import { ageMs } from './process-figures.ts'

/** The script puts the controller's listener this far above the clients'. */
const CONTROLLER_DISTANCE = 50
const COMMAND_LIMIT_MS = 120_000

/** Why Kafka cannot be started here, or undefined. */
export async function kafkaMissing(): Promise<string | undefined> {
  if (!existsSync(kafkaScript)) return 'there is no ../shared/lab/kafka'
  return await runToEnd(['java', '-version'], { limitMs: COMMAND_LIMIT_MS }).then(
    () => undefined,
    () => 'there is no Java',
  )
}

/** The version that the script installs. */
export async function kafkaVersion(): Promise<string> {
  const { stdout } = await runToEnd([kafkaScript, 'install'], { limitMs: COMMAND_LIMIT_MS })
  return /Kafka (\S+)/.exec(stdout)?.[1] ?? 'of unknown version'
}

/** Starts one node, broker and controller in one, with its default configuration but for `settings`,
 *  and a heap of 1 GB. A directory that holds a node already is started again, on its own port. */
export async function startKafka({
  directory,
  core,
  settings = {},
}: BrokerOptions): Promise<Broker> {
  const node = join(directory, 'bootstrap')
  const isThere = existsSync(node)
  const bootstrap = isThere
    ? readFileSync(node, 'utf8').trim()
    : `127.0.0.1:${await freePort(CONTROLLER_DISTANCE)}`
  const properties = Object.entries(settings).flatMap(([key, value]) => {
    return ['--property', `${key}=${value}`]
  })
  const port = bootstrap.split(':')[1] ?? ''
  // Formats a new directory first; the age of the process that serves tells the start alone.
  const asNew = isThere ? [] : ['--port', port, ...properties]
  const up = [kafkaScript, 'up', '--dir', directory, ...asNew]
  const script = startChild(pinned(core, up))
  let hasFailed = false
  script.ended.then((code) => {
    hasFailed = code !== 0
  })
  const stop = async (): Promise<void> => {
    await runToEnd([kafkaScript, 'down', '--dir', directory], { limitMs: COMMAND_LIMIT_MS })
    running.delete(directory)
  }
  running.add(directory)
  try {
    await firstAnswer(bootstrap, () => hasFailed)
    const pid = pidOf(directory)
    const startMs = ageMs(pid)
    if ((await script.ended) !== 0) throw new Error(script.stderr())
    return { name: 'kafka', pid, bootstrap, startMs, stop }
  } catch (error) {
    await stop().catch(() => {})
    throw error
  }
}

function pidOf(directory: string): number {
  return Number(readFileSync(join(directory, 'node-1/pid'), 'utf8'))
}

/** Directories of nodes that may run. */
const running = new Set<string>()

process.once('exit', () => {
  for (const directory of running) {
    try {
      process.kill(pidOf(directory), 'SIGKILL')
    } catch {
      // It has ended already, or never began.
    }
  }
})
