/** The client of the throughput cases: `rdkafka_performance`, which librdkafka ships as an example. */

import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { runToEnd, startChild } from './child.ts'
import { cacheDirectory } from './paths.ts'

/** The npm package that bundles librdkafka's sources. Version 3.6.1 has librdkafka 2.12.0. */
const SOURCE_PACKAGE = 'node-rdkafka@3.6.1'
const COMMAND_LIMIT_MS = 60_000
const DOWNLOAD_LIMIT_MS = 300_000
const BUILD_LIMIT_MS = 20 * 60_000

/** A client program that can be run. */
export interface Rdkafka {
  readonly path: string
  readonly version: string
  /** Compression codecs and other abilities it was built with. */
  readonly features: ReadonlySet<string>
}

/** Why there is no client. */
export interface Missing {
  readonly missing: string
}

/**
 * The program that RDKAFKA_PERFORMANCE names, else the one on PATH, else one built here once from
 * sources out of the npm registry.
 */
export async function findRdkafka(): Promise<Rdkafka | Missing> {
  const named = process.env.RDKAFKA_PERFORMANCE
  if (named !== undefined) return (await describe(named)) ?? { missing: `${named} does not run` }
  const built = join(cacheDirectory, 'librdkafka/examples/rdkafka_performance')
  const found = (await describe('rdkafka_performance')) ?? (await describe(built))
  if (found) return found
  try {
    await build()
  } catch (error) {
    return { missing: `rdkafka_performance could not be built: ${error}` }
  }
  return (await describe(built)) ?? { missing: 'the rdkafka_performance built here does not run' }
}

/** Version and features of a program; undefined when it cannot be run. */
async function describe(path: string): Promise<Rdkafka | undefined> {
  const limitMs = COMMAND_LIMIT_MS
  const listed = await runToEnd([path, '-X', 'list'], { limitMs }).catch(() => undefined)
  const features = /^builtin\.features\s*\|[^|]*\|[^|]*\|([^|]*)\|/m.exec(listed?.stdout ?? '')?.[1]
  if (features === undefined) return undefined
  // Without arguments it prints its version and how it is used, and fails.
  const usage = startChild([path])
  await usage.ended
  const version = /librdkafka version (\S+)/.exec(usage.stderr())?.[1] ?? 'unknown'
  return { path, version, features: new Set(features.split(',').map((name) => name.trim())) }
}

/** Downloads, configures and compiles; two to four minutes on two cores. */
async function build(): Promise<void> {
  for (const tool of ['bash', 'cc', 'c++', 'make', 'tar'])
    await runToEnd([tool, '--version'], { limitMs: COMMAND_LIMIT_MS }).catch(() => {
      throw new Error(`it is compiled, and there is no ${tool}`)
    })
  await mkdir(cacheDirectory, { recursive: true })
  const home = await mkdtemp(join(cacheDirectory, 'librdkafka-build-'))
  try {
    const limitMs = DOWNLOAD_LIMIT_MS
    console.log(`building rdkafka_performance from ${SOURCE_PACKAGE} (a few minutes, once)`)
    await runToEnd(['npm', 'pack', SOURCE_PACKAGE], { cwd: home, limitMs })
    const [packed = ''] = (await readdir(home)).filter((name) => name.endsWith('.tgz'))
    await runToEnd(['tar', '-xzf', packed, 'package/deps/librdkafka'], { cwd: home, limitMs })
    const sources = join(home, 'package/deps/librdkafka')
    const compile = { cwd: sources, limitMs: BUILD_LIMIT_MS }
    await runToEnd(['bash', './configure', '--disable-curl', '--disable-gssapi'], compile)
    await runToEnd(['make', `-j${availableParallelism()}`, 'libs'], compile)
    await runToEnd(['make', '-C', 'examples', 'rdkafka_performance'], compile)
    const place = join(cacheDirectory, 'librdkafka')
    if (!existsSync(place)) await rename(sources, place)
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}
