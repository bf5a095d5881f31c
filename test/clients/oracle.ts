/** A real Kafka, from ../shared/lab where that is: what the tests themselves are tried on. */

import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Broker, BrokerOptions } from './broker.ts'
import { projectDirectory, waitFor } from './support.ts'

const run = promisify(execFile)

/** The script that runs a real Kafka and its tools; often absent. */
export const kafkaLab = join(projectDirectory, '../shared/lab/kafka/kafka')
/** How far above the port for clients the script puts the one for controllers. */
const controllerPortDistance = 50
const killLimitMs = 30_000

/** Why the real Kafka of ../shared/lab cannot be started here, or false. */
export async function noOracle(): Promise<string | false> {
  if (!existsSync(kafkaLab)) return 'there is no ../shared/lab/kafka'
  return await run('java', ['-version']).then(
    () => false as const,
    () => 'there is no Java',
  )
}

/** Starts a real Kafka, whatever the tests run against. */
export async function startOracle(options: BrokerOptions = {}): Promise<Broker> {
  const home = await mkdtemp(join(tmpdir(), 'moldau-oracle-'))
  const properties = Object.entries(options.config ?? {}).flatMap(([k, v]) => [
    '--property',
    `${k}=${v}`,
  ])
  const port = await freePort(controllerPortDistance)
  await run(kafkaLab, ['up', '--dir', home, '--port', `${port}`, ...properties])
  const node = async (command: string): Promise<void> => {
    await run(kafkaLab, [command, '1', '--dir', home])
  }
  if (options.dataDirectory !== undefined) {
    // It has to be set up before it can be started on what another Kafka wrote.
    await node('stop')
    await rm(join(home, 'node-1/data'), { recursive: true })
    await cp(options.dataDirectory, join(home, 'node-1/data'), { recursive: true })
    await node('start')
  }
  return {
    name: 'Kafka',
    endsWithProcess: false,
    bootstrap: `127.0.0.1:${port}`,
    dataDirectory: join(home, 'node-1/data'),
    output: () => `see ${home}/node-1/server.log`,
    stop: () => node('stop'),
    async kill() {
      const pid = (await readFile(join(home, 'node-1/pid'), 'utf8')).trim()
      await node('kill9')
      await waitFor('Kafka to be gone', killLimitMs, () => !existsSync(`/proc/${pid}`))
    },
    // Right after a kill the script may take the new process for one that ended at once.
    restart: () => node('start').catch(() => node('start')),
    async [Symbol.asyncDispose]() {
      await run(kafkaLab, ['down', '--wipe', '--dir', home])
      await rm(home, { recursive: true, force: true })
    },
  }
}

/** A port nobody listens on now, as is the one `distance` above it. */
async function freePort(distance: number): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000)
    if ((await isFree(port)) && (await isFree(port + distance))) return port
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  const { promise, resolve } = Promise.withResolvers<boolean>()
  server.once('error', () => resolve(false))
  server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  return await promise
}
