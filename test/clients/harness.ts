/** Whole-broker tests: a broker in a process of its own, and unmodified clients that talk to it. This
 *  file starts, stops and kills that process; the other files never touch one themselves. */

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The project's own directory. */
export const projectDirectory = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
/** The script that runs a real Kafka and its tools; often absent. */
export const kafkaLab = join(projectDirectory, '../shared/lab/kafka/kafka')

/** Longest wait for a broker to answer its first request, or to end after SIGTERM. */
const startLimitMs = 60_000
const stopLimitMs = 30_000
/** Of a broker's output this much, counted from its end, is kept to be shown when a test fails. */
const keptOutputBytes = 64 * 1024

/** A broker that tests talk to. */
export interface Broker {
  /** What is under test, for messages. */
  readonly name: string
  /** `host:port` of its listener; stays the same over restarts. */
  readonly bootstrap: string
  /** Where its partitions lie; undefined for a broker that this process did not start. */
  readonly dataDirectory: string | undefined
  /** The end of what it printed so far. */
  output(): string
  /** Ends it as an operator would and waits for it. Throws when it does not end, or ends unwell. */
  stop(): Promise<void>
  /** Ends it with SIGKILL, in the middle of whatever it does. */
  kill(): Promise<void>
  /** Starts it again on the same directory and port. */
  restart(): Promise<void>
  /** Stops it and removes what it wrote. */
  [Symbol.asyncDispose](): Promise<void>
}

export interface BrokerOptions {
  /** Broker configuration by Kafka's keys. */
  readonly config?: Readonly<Record<string, string>>
  /** A directory to start on, kept afterwards. Absent: an empty one, removed afterwards. */
  readonly dataDirectory?: string
}

/**
 * What the tests run against, from `MOLDAU_TEST_BOOTSTRAP`: unset, this project's broker; `oracle`,
 * a real Kafka from ../shared/lab, started and killed in the same way; `host:port`, a broker that
 * runs already, which can be neither configured nor killed.
 */
export const target = process.env.MOLDAU_TEST_BOOTSTRAP ?? 'moldau'

/** A reason why tests that start or kill the broker cannot run, or false. */
export const noControl: string | false =
  target.includes(':') && `${target} was not started by the tests, so they cannot stop or kill it`

/** Starts the broker under test and waits until it serves. */
export async function startBroker(options: BrokerOptions = {}): Promise<Broker> {
  if (target === 'moldau') return await startMoldau(options)
  if (target === 'oracle') return await startOracle(options)
  return running(target)
}

/** Starts this project's broker, whatever the tests run against. */
export async function startMoldau(options: BrokerOptions = {}): Promise<Broker> {
  const home = await mkdtemp(join(tmpdir(), 'moldau-test-'))
  const data = options.dataDirectory ?? join(home, 'data')
  const settings = Object.entries(options.config ?? {}).flatMap(([k, v]) => ['--set', `${k}=${v}`])
  let port = 0
  let child: ChildProcess | undefined
  let printed = ''

  const start = async (): Promise<string> => {
    const starting = spawn(
      process.execPath,
      [join(projectDirectory, 'bin/moldau'), 'start', '--port', `${port}`, '--data', data].concat(
        settings,
      ),
      { stdio: ['ignore', 'pipe', 'pipe'], detached: true },
    )
    child = starting
    const keep = (text: string): void => {
      printed = (printed + text).slice(-keptOutputBytes)
    }
    let standardOutput = ''
    starting.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (standardOutput.length < keptOutputBytes) standardOutput += text
      keep(text)
    })
    starting.stderr.setEncoding('utf8').on('data', keep)
    starting.on('exit', (code, signal) => {
      // `end` forgets the child before it ends it: whoever is still known here ended by itself.
      if (child === starting) console.error(`the broker ended with ${code ?? signal}\n${printed}`)
    })
    const ready = await waitFor('the ready line of the broker', startLimitMs, () => {
      if (hasEnded(starting)) throw new Error(`the broker ended at its start\n${printed}`)
      return /ready on (\S+):(\d+)/i.exec(standardOutput) ?? undefined
    })
    port = Number(ready[2])
    return `${ready[1]}:${port}`
  }
  const bootstrap = await start()
  const end = async (signal: NodeJS.Signals): Promise<ChildProcess | undefined> => {
    const ending = child
    child = undefined
    // The whole process group: a launcher must not leave the broker behind it alive.
    if (ending?.pid === undefined || hasEnded(ending)) return undefined
    process.kill(-ending.pid, signal)
    await waitFor(
      `the broker to end after ${signal}`,
      stopLimitMs,
      () => hasEnded(ending),
      () => printed,
    )
    return ending
  }
  const broker: Broker = {
    name: 'Moldau',
    bootstrap,
    dataDirectory: data,
    output: () => printed,
    async stop() {
      const ended = await end('SIGTERM')
      if (ended !== undefined && ended.exitCode !== 0)
        throw new Error(`the broker ended with ${ended.exitCode ?? ended.signalCode}\n${printed}`)
    },
    async kill() {
      await end('SIGKILL')
    },
    async restart() {
      await start()
    },
    async [Symbol.asyncDispose]() {
      await end('SIGTERM').catch(() => end('SIGKILL'))
      await rm(home, { recursive: true, force: true })
    },
  }
  return endWithProcess(
    broker,
    () => child?.pid !== undefined && process.kill(-child.pid, 'SIGKILL'),
  )
}

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
  const port = await freePort(50)
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
    bootstrap: `127.0.0.1:${port}`,
    dataDirectory: join(home, 'node-1/data'),
    output: () => `see ${home}/node-1/server.log`,
    stop: () => node('stop'),
    async kill() {
      const pid = (await readFile(join(home, 'node-1/pid'), 'utf8')).trim()
      await node('kill9')
      await waitFor('Kafka to be gone', stopLimitMs, () => !existsSync(`/proc/${pid}`))
    },
    // Right after a kill the script may take the new process for one that ended at once.
    restart: () => node('start').catch(() => node('start')),
    async [Symbol.asyncDispose]() {
      await run(kafkaLab, ['down', '--wipe', '--dir', home])
      await rm(home, { recursive: true, force: true })
    },
  }
}

/** Runs one of Kafka's own command-line tools. */
export async function kafkaTool(
  args: readonly string[],
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  return await run(kafkaLab, ['tool', ...args], { maxBuffer: 256 * 1024 * 1024 })
}

function running(bootstrap: string): Broker {
  const refuse = (): never => {
    throw new Error(`${bootstrap} was not started by the tests`)
  }
  return {
    name: bootstrap,
    bootstrap,
    dataDirectory: undefined,
    output: () => '',
    stop: refuse,
    kill: refuse,
    restart: refuse,
    [Symbol.asyncDispose]: async () => {},
  }
}

/** A test process that dies takes its broker with it. */
function endWithProcess(broker: Broker, kill: () => void): Broker {
  process.once('exit', () => {
    try {
      kill()
    } catch {
      // It has ended already.
    }
  })
  return broker
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
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

/**
 * Asks again until the answer is something (not undefined, not false).
 * @param what names it in the error.
 * @param detail shown with the error.
 * @throws when `limitMs` have passed, and whatever `probe` throws.
 */
export async function waitFor<T>(
  what: string,
  limitMs: number,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  detail: () => string = () => '',
): Promise<T> {
  const deadline = performance.now() + limitMs
  for (;;) {
    const answer = await probe()
    if (answer !== undefined && answer !== false) return answer
    if (performance.now() > deadline)
      throw new Error(`waited ${limitMs} ms in vain for ${what}\n${detail()}`)
    await delay(10)
  }
}

let names = 0

/** A topic name that no other test uses, also on a broker that keeps topics between runs. */
export function uniqueTopic(purpose: string): string {
  names += 1
  return `${purpose}-${process.pid}-${Date.now().toString(36)}-${names}`
}
