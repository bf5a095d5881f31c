/** What the figures were measured on. */

import { readFileSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { availableParallelism, cpus, release, totalmem, type } from 'node:os'
import { runToEnd } from './child.ts'
import { cacheDirectory, projectDirectory } from './paths.ts'

/** Each entry is a line for people. */
export interface Machine {
  readonly processor: string
  readonly memory: string
  readonly system: string
  readonly disk: string
  readonly node: string
  readonly moldau: string
}

/** `statfs` type of a file system that lies in memory. */
const TMPFS = 0x01021994
const COMMAND_LIMIT_MS = 10_000

export async function describeMachine(): Promise<Machine> {
  const { type: fileSystem, bavail, bsize } = await statfs(cacheDirectory)
  const freeGigabytes = Math.round((bavail * bsize) / 1e9)
  const where = fileSystem === TMPFS ? 'in memory (tmpfs)' : 'on a disk'
  return {
    processor: `${availableParallelism()} × ${cpus()[0]?.model.trim() ?? 'unknown'}`,
    memory: `${Math.round(totalmem() / 1e9)} GB`,
    system: `${type()} ${release()}`,
    disk: `${where}, ${freeGigabytes} GB free`,
    node: process.version,
    moldau: `${packageVersion()}, ${await commit()}`,
  }
}

function packageVersion(): string {
  const text = readFileSync(`${projectDirectory}/package.json`, 'utf8')
  return (JSON.parse(text) as { readonly version: string }).version
}

/** The commit, and whether files differ from it. */
async function commit(): Promise<string> {
  const git = async (...args: string[]): Promise<string> => {
    const options = { limitMs: COMMAND_LIMIT_MS, cwd: projectDirectory }
    return (await runToEnd(['git', ...args], options)).stdout.trim()
  }
  try {
    const hash = await git('rev-parse', '--short=10', 'HEAD')
    const changed = await git('status', '--porcelain', '--', 'src', 'bin')
    return changed === '' ? `commit ${hash}` : `commit ${hash} with local changes`
  } catch {
    return 'not from a git checkout'
  }
}
