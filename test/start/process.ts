/** `moldau` in a process of its own, as a person or a service manager starts it. */

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after } from 'node:test'
import { waitFor } from '../clients/support.ts'

const projectDirectory = path.join(import.meta.dirname, '../..')
/** The command as a checkout has it. */
export const command = path.join(projectDirectory, 'bin/moldau')
/** Longest wait for anything: far more than a loaded machine needs. */
const LIMIT_MS = 30_000

/** A started command and what it has printed so far. */
export interface Running {
  readonly child: ChildProcess
  stdout(): string
  stderr(): string
  /** Waits until it prints the ready line. @returns the line. @throws when it ends instead. */
  ready(): Promise<string>
  /** Waits for its end and the end of its output. */
  ended(): Promise<Ended>
}

/** How a command ended. */
export interface Ended {
  /** null when a signal ended it. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

const started = new Set<ChildProcess>()
after(() => {
  for (const child of started) child.kill('SIGKILL')
})

/** Starts `node ARGUMENTS` in `directory`, in a process group of its own. It ends with the test file. */
export function startNode(args: readonly string[], directory: string): Running {
  const child = spawn(process.execPath, args, {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const printed = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      printed[name] += text
    })
  }
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve))
  started.add(child)
  return {
    child,
    stdout: () => printed.stdout,
    stderr: () => printed.stderr,
    ready: () =>
      waitFor(
        'the ready line',
        LIMIT_MS,
        () => {
          const line = /^Moldau ready .*$/m.exec(printed.stdout)?.[0]
          if (line === undefined && child.exitCode !== null) throw new Error(printed.stderr)
          return line
        },
        () => printed.stderr,
      ),
    async ended() {
      const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS)
      const code = await closed
      clearTimeout(timer)
      return { code, ...printed }
    },
  }
}

/** Starts `moldau start ARGUMENTS`. */
export function startMoldau(args: readonly string[], directory: string): Running {
  return startNode([command, 'start', ...args], directory)
}

/** Runs `moldau ARGUMENTS`, which is expected to end by itself. */
export async function runMoldau(args: readonly string[], directory: string): Promise<Ended> {
  return await startNode([command, ...args], directory).ended()
}

/** Stops a broker as a service manager does. */
export async function stop({ child, ended }: Running): Promise<Ended> {
  child.kill('SIGTERM')
  return await ended()
}

/** The port in a ready line. */
export function portIn(readyLine: string): number {
  return Number(/ready on \S+:(\d+) /.exec(readyLine)?.[1])
}

/** An empty directory that is gone after the test. */
export function scratchDirectory(test: { after(run: () => void): void }): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'moldau-start-'))
  test.after(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}
