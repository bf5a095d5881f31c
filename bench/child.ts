/** Programs that the benchmark starts, and their end: only what was started here is ended here. */

import { type ChildProcess, spawn } from 'node:child_process'

/** Of a program's output this much is kept, counted from its end. */
const KEPT_OUTPUT_CHARACTERS = 1024 * 1024

/** What a program that ended well has printed. */
export interface Output {
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  /** A program that runs longer is killed, and the run fails. */
  readonly limitMs: number
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
}

/** The command pinned to one core; `core` undefined: as it is. */
export function pinned(core: number | undefined, command: readonly string[]): string[] {
  return core === undefined ? [...command] : ['taskset', '-c', `${core}`, ...command]
}

/** Runs a program to its end. @throws when it fails or takes too long, with the end of what it printed. */
export async function runToEnd(command: readonly string[], options: RunOptions): Promise<Output> {
  const child = startChild(command, options)
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    child.process.kill('SIGKILL')
  }, options.limitMs)
  const code = await child.ended
  clearTimeout(timer)
  if (code === 0) return { stdout: child.stdout(), stderr: child.stderr() }
  const how = isLate ? `did not end in ${options.limitMs} ms` : `ended with ${code}`
  const printed = `${child.stdout()}\n${child.stderr()}`.trim().slice(-2000)
  throw new Error(`${command.join(' ')} ${how}\n${printed}`)
}

export interface Child {
  readonly process: ChildProcess
  readonly pid: number
  /** Exit code or signal. */
  readonly ended: Promise<number | string>
  stdout(): string
  stderr(): string
}

const alive = new Set<ChildProcess>()

/** Starts a program. It is killed when this process ends before it. */
export function startChild(
  [program = '', ...args]: readonly string[],
  options: Omit<RunOptions, 'limitMs'> = {},
): Child {
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  alive.add(child)
  const { promise: ended, resolve } = Promise.withResolvers<number | string>()
  const end = (how: number | string): void => {
    alive.delete(child)
    resolve(how)
  }
  child.once('error', (error) => end(error.message))
  child.once('close', (code, signal) => end(code ?? signal ?? 'unknown'))
  const printed = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      printed[stream] = (printed[stream] + text).slice(-KEPT_OUTPUT_CHARACTERS)
    })
  }
  return {
    process: child,
    pid: child.pid ?? 0,
    ended,
    stdout: () => printed.stdout,
    stderr: () => printed.stderr,
  }
}

process.once('exit', () => {
  for (const child of alive) child.kill('SIGKILL')
})
// A signal would end this process without the handlers of 'exit', here and in kafka.ts.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => process.exit(1))
