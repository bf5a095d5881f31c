/** Starting Moldau: from this checkout, or from the npm package as a user gets it. */

import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Broker, type BrokerOptions, firstAnswer, freePort } from './broker.ts'
import { pinned, runToEnd, startChild } from './child.ts'
import { cacheDirectory, projectDirectory } from './paths.ts'

const STOP_LIMIT_MS = 30_000
const INSTALL_LIMIT_MS = 300_000

/** The command in this checkout, in the Node that runs the benchmark. */
export const checkoutCommand: readonly string[] = [
  process.execPath,
  join(projectDirectory, 'bin/moldau'),
]

/** Starts Moldau with its default configuration but for `settings`. @param env instead of this process's own. */
export async function startMoldau(
  { directory, core, settings = {} }: BrokerOptions,
  command: readonly string[] = checkoutCommand,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Broker> {
  const port = await freePort()
  const bootstrap = `127.0.0.1:${port}`
  const set = Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${value}`])
  const args = ['start', '--port', `${port}`, '--data', directory, ...set]
  const startedMs = performance.now()
  const child = startChild(pinned(core, [...command, ...args]), { env })
  let hasEnded = false
  child.ended.then(() => {
    hasEnded = true
  })
  const answeredMs = await firstAnswer(bootstrap, () => hasEnded).catch((error: Error) => {
    child.process.kill('SIGKILL')
    throw new Error(`${error.message}\n${child.stdout()}${child.stderr()}`)
  })
  return {
    name: 'moldau',
    pid: child.pid,
    bootstrap,
    startMs: answeredMs - startedMs,
    async stop() {
      child.process.kill('SIGTERM')
      const how = await Promise.race([child.ended, delay(STOP_LIMIT_MS, 'late', { ref: false })])
      if (how === 'late') child.process.kill('SIGKILL')
      if (how !== 0) throw new Error(`Moldau ended with ${how}\n${child.stdout()}${child.stderr()}`)
    },
  }
}

/** A package that was made from this checkout and installed in a directory of its own. */
export interface InstalledPackage extends AsyncDisposable {
  readonly command: readonly string[]
}

/** `npm pack` here and `npm install` of the file elsewhere. Needs the npm registry. */
export async function installPackage(): Promise<InstalledPackage> {
  await mkdir(cacheDirectory, { recursive: true })
  const home = await mkdtemp(join(cacheDirectory, 'package-'))
  const limitMs = INSTALL_LIMIT_MS
  await runToEnd(['npm', 'pack', '--pack-destination', home], { cwd: projectDirectory, limitMs })
  const [packed = ''] = (await readdir(home)).filter((name) => name.endsWith('.tgz'))
  const install = ['npm', 'install', '--no-audit', '--no-fund', '--prefix', home, packed]
  await runToEnd(install, { cwd: home, limitMs })
  return {
    command: [process.execPath, join(home, 'node_modules/.bin/moldau')],
    [Symbol.asyncDispose]: () => rm(home, { recursive: true, force: true }),
  }
}
