/** This project's broker as a child process: started, stopped, killed and started again. */

import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Broker, BrokerOptions } from './broker.ts'
import { projectDirectory, waitFor } from './support.ts'

/** Longest wait for a broker to answer its first request, or to end after SIGTERM. */
const startLimitMs = 60_000
const stopLimitMs = 30_000
/** Of a broker's output this much, counted from its end, is kept to be shown when a test fails. */
const keptOutputBytes = 64 * 1024
/** Where the watchdog finds the broker of the moment, below the directory of one test broker. */
const pidFile = 'pid'

/** Starts this project's broker, whatever the tests run against. */
export async function startMoldau(options: BrokerOptions = {}): Promise<Broker> {
  const home = await mkdtemp(join(tmpdir(), 'moldau-test-'))
  const data = options.dataDirectory ?? join(home, 'data')
  const settings = Object.entries(options.config ?? {}).map(([key, value]) => `${key}=${value}`)
  const broker = new MoldauProcess(home, data, settings)
  await broker.restart()
  return broker
}

class MoldauProcess implements Broker {
  readonly name = 'Moldau'
  readonly endsWithProcess = true
  readonly dataDirectory: string
  readonly #home: string
  readonly #settings: readonly string[]
  readonly #watchdog: ChildProcess
  /** Undefined while it is not running, and once it was told to end. */
  #child: ChildProcess | undefined
  #host = ''
  /** 0 until the first start has picked one. */
  #port = 0
  #printed = ''

  constructor(home: string, dataDirectory: string, settings: readonly string[]) {
    this.#home = home
    this.dataDirectory = dataDirectory
    this.#settings = settings
    this.#watchdog = watch(home)
  }

  get bootstrap(): string {
    return `${this.#host}:${this.#port}`
  }

  output(): string {
    return this.#printed
  }

  async restart(): Promise<void> {
    const launcher = join(projectDirectory, 'bin/moldau')
    const where = ['--port', `${this.#port}`, '--data', this.dataDirectory]
    const settings = this.#settings.flatMap((setting) => ['--set', setting])
    const child = spawn(process.execPath, [launcher, 'start', ...where, ...settings], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    this.#child = child
    writeFileSync(join(this.#home, pidFile), `${child.pid}`)
    // It does not keep the test process alive. Pipes are sockets, which the types do not say.
    child.unref()
    for (const pipe of [child.stdout, child.stderr]) (pipe as Socket).unref()
    let ready: RegExpExecArray | null = null
    let beginning = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#keep(text)
      if (ready !== null) return
      beginning += text
      ready = /ready on (\S+):(\d+)/i.exec(beginning)
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => this.#keep(text))
    child.on('exit', (code, signal) => {
      // `#end` forgets the child before it ends it: one that is still known here ended by itself.
      if (this.#child === child) console.error(this.#ending(code, signal))
    })
    const [, host = '', port] = await waitFor('the ready line of the broker', startLimitMs, () => {
      if (hasEnded(child)) throw new Error(this.#ending(child.exitCode, child.signalCode))
      return ready ?? undefined
    })
    this.#host = host
    this.#port = Number(port)
  }

  async stop(): Promise<void> {
    const ended = await this.#end('SIGTERM')
    if (ended !== undefined && ended.exitCode !== 0)
      throw new Error(this.#ending(ended.exitCode, ended.signalCode))
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end('SIGTERM').catch(() => this.#end('SIGKILL'))
    this.#signal(this.#watchdog, 'SIGKILL')
    await rm(this.#home, { recursive: true, force: true })
  }

  async #end(signal: NodeJS.Signals): Promise<ChildProcess | undefined> {
    const child = this.#child
    if (child === undefined || hasEnded(child)) return undefined
    this.#child = undefined
    try {
      this.#signal(child, signal)
      const ended = (): boolean => hasEnded(child)
      await waitFor(`the broker to end after ${signal}`, stopLimitMs, ended, () => this.#printed)
    } catch (error) {
      this.#child = child
      throw error
    }
    return child
  }

  /** Signals the whole process group: a launcher must not leave the broker behind it alive. */
  #signal(child: ChildProcess | undefined, signal: NodeJS.Signals): void {
    if (child?.pid !== undefined && !hasEnded(child)) process.kill(-child.pid, signal)
  }

  #keep(text: string): void {
    this.#printed = (this.#printed + text).slice(-keptOutputBytes)
  }

  #ending(code: number | null, signal: NodeJS.Signals | null): string {
    return `the broker ended with ${code ?? signal}\n${this.#printed}`
  }
}

/**
 * Waits for this process to be gone, however it ends, then ends the broker that was left and removes
 * what it wrote. Not at once: native clients in this process print what they think of a broker that
 * goes before they do.
 */
function watch(home: string): ChildProcess {
  const script = `cat > /dev/null; sleep 5; kill -s KILL -- -"$(cat "$0/${pidFile}")"; rm -rf "$0"`
  const stdio = ['pipe', 'ignore', 'ignore'] as const
  const watchdog = spawn('/bin/sh', ['-c', script, home], { detached: true, stdio: [...stdio] })
  watchdog.unref()
  return watchdog
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}
