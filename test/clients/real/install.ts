/** Brings the clients that are not npm packages of this project: from apt-get where it can be used,
 *  and node-rdkafka, compiled once per version into a directory that git ignores. */

import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { projectDirectory } from '../support.ts'

const run = promisify(execFile)

const nodeRdkafkaVersion = '3.6.1'
/** Runs node-rdkafka's own tests. */
const mochaVersion = '11'
/** librdkafka takes two to four minutes on two cores. */
const compileLimitMs = 20 * 60_000
const aptLimitMs = 10 * 60_000

/** Why a client is not here. */
export interface Missing {
  readonly missing: string
}

/** Whether a program answers at all. */
export async function has(program: string, ...args: string[]): Promise<boolean> {
  return await run(program, args).then(
    () => true,
    () => false,
  )
}

/** What each Debian package brings, and how to see that it is there. */
const packages = {
  kcat: ['kcat', '-V'],
  'python3-kafka': ['/usr/bin/python3', '-c', 'import kafka'],
  'python3-confluent-kafka': ['/usr/bin/python3', '-c', 'import confluent_kafka'],
} as const

export type DebianPackage = keyof typeof packages

/** Installs the packages that are absent, in one call. Says nothing when they cannot be had. */
export async function installPackages(): Promise<void> {
  const wanted: string[] = []
  for (const name of Object.keys(packages) as DebianPackage[])
    if (await missing(name)) wanted.push(name)
  if (wanted.length === 0) return
  console.log(`installing ${wanted.join(' ')}`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const install = ['install', '-y', '--no-install-recommends', ...wanted]
  await run('apt-get', ['update'], { env, timeout: aptLimitMs }).catch(() => {})
  await run('apt-get', install, { env, timeout: aptLimitMs }).catch((error: Error) => {
    console.log(`apt-get: ${error.message.split('\n').slice(0, 3).join(' ')}`)
  })
}

/** Why a package's client cannot be run, or false. */
export async function missing(name: DebianPackage): Promise<string | false> {
  const [program, ...args] = packages[name]
  return !(await has(program, ...args)) && `${name} is not installed and apt-get did not bring it`
}

/** The directory that node-rdkafka is installed in; compiles it the first time. */
export async function nodeRdkafkaHome(): Promise<string | Missing> {
  const build = `node-rdkafka-${nodeRdkafkaVersion}-abi${process.versions.modules}`
  const home = join(projectDirectory, '.cache/clients', build)
  if (existsSync(join(home, 'node_modules/node-rdkafka/build/Release/node-librdkafka.node')))
    return home
  for (const tool of ['c++', 'make', 'python3'])
    if (!(await has(tool, '--version')))
      return { missing: `it is compiled, and there is no ${tool}` }
  await mkdir(home, { recursive: true })
  await writeFile(join(home, 'package.json'), '{ "private": true }\n')
  console.log(`compiling ${build} (a few minutes, once)`)
  try {
    const headers = dirname(dirname(process.execPath))
    const nodedir = existsSync(join(headers, 'include/node/node.h')) ? headers : undefined
    const path = `${dirname(process.execPath)}:${process.env.PATH}`
    const env = { ...process.env, PATH: path, ...(nodedir && { npm_config_nodedir: nodedir }) }
    const name = `node-rdkafka@${nodeRdkafkaVersion}`
    await run('npm', ['install', '--no-audit', '--no-fund', name], {
      cwd: home,
      env,
      timeout: compileLimitMs,
      maxBuffer: 256 * 1024 * 1024,
    })
    return home
  } catch (error) {
    await rm(home, { recursive: true, force: true })
    return { missing: `it could not be compiled: ${`${error}`.slice(0, 500)}` }
  }
}

/** Installs the runner of node-rdkafka's own tests beside it. @returns its program. */
export async function mochaOf(home: string): Promise<string | Missing> {
  const program = join(home, 'node_modules/mocha/bin/mocha.js')
  if (existsSync(program)) return program
  const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH}` }
  const install = [
    'install',
    '--no-audit',
    '--no-fund',
    '--ignore-scripts',
    `mocha@${mochaVersion}`,
  ]
  return await run('npm', install, { cwd: home, env, timeout: compileLimitMs }).then(
    () => program,
    (error) => ({ missing: `mocha could not be installed: ${`${error}`.slice(0, 500)}` }),
  )
}
