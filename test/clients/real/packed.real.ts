/** The npm package as a user gets it: packed, installed elsewhere, started with npx by the machine's own
 *  Node, which may be older than the one it needs. */

import assert from 'node:assert/strict'
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { record } from '../cases.ts'
import { openKafkajs } from '../drivers/kafkajs.ts'
import { projectDirectory, waitFor } from '../support.ts'

const run = promisify(execFile)

/** Bringing a Node and the dependencies is inside it. */
const INSTALL_LIMIT_MS = 300_000
const LIMIT_MS = 120_000

/** The machine's own environment: without the Node that runs these tests, where there is another. */
const env: NodeJS.ProcessEnv = {
  ...process.env,
  PATH: (process.env.PATH ?? '')
    .split(path.delimiter)
    .filter((folder) => folder !== path.dirname(process.execPath))
    .concat(path.dirname(process.execPath))
    .join(path.delimiter),
  // Kept between runs, as a user's cache is.
  XDG_CACHE_HOME: path.join(projectDirectory, '.cache/packed'),
}
for (const name of Object.keys(env)) if (/^(npm_|MOLDAU_)/.test(name)) delete env[name]

describe('the packed package', () => {
  let home = ''
  before(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'moldau-packed-'))
    const options = { env, timeout: INSTALL_LIMIT_MS }
    await run('npm', ['pack', '--pack-destination', home], { ...options, cwd: projectDirectory })
    const [packed = ''] = (await readdir(home)).filter((name) => name.endsWith('.tgz'))
    await writeFile(path.join(home, 'package.json'), '{ "private": true }\n')
    const install = ['install', '--no-audit', '--no-fund', `./${packed}`]
    await run('npm', install, { ...options, cwd: home })
  })
  after(() => rm(home, { recursive: true, force: true }))

  test('holds what it needs and nothing of the workshop', async () => {
    const files = await readdir(path.join(home, 'node_modules/moldau'), { recursive: true })
    for (const wanted of ['README.md', 'LICENSE', 'CHANGELOG.md', 'bin/moldau', 'dist/main.js'])
      assert.ok(files.includes(wanted), `${wanted} in ${files}`)
    const other = files.filter((file) => !/^(bin|dist|docs)\b|\.md$|^LICENSE$|^package/.test(file))
    assert.deepEqual(other, [])
  })

  test('keeps a record over a stop, started by npx twice', async (t) => {
    const directory = path.join(home, 'elsewhere')
    await mkdir(directory)
    for (const isFirst of [true, false]) {
      const broker = startByNpx(home, directory)
      t.after(() => broker.kill())
      const port = await broker.ready()
      const client = await openKafkajs(`127.0.0.1:${port}`)
      t.after(() => client.close())
      if (isFirst) {
        await client.admin?.createTopic('kept', 1, {})
        await client.produce('kept', [record('key', 'value')])
      }
      const read = await client.read('kept', 0, 0, 1)
      assert.equal(read[0]?.value?.toString(), 'value')
      await client.close()
      await broker.stop()
      await waitFor('its port to be free', LIMIT_MS, async () => !(await isOpen(port)))
    }
  })
})

function startByNpx(home: string, directory: string) {
  const moldau = ['--no-install', '--prefix', home, 'moldau']
  const args = [...moldau, 'start', '--port', '0', '--data', path.join(directory, 'data')]
  const child: ChildProcess = spawn('npx', args, { cwd: home, env, stdio: 'pipe', detached: true })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      printed += text
    })
  }
  return {
    /** Ends npx alone. The shell below it passes nothing on; the broker sees that npx is gone. */
    async stop() {
      child.kill('SIGTERM')
      await waitFor('the broker to stop', LIMIT_MS, () => printed.includes('Moldau stopped'))
    },
    kill() {
      if (!printed.endsWith('Moldau stopped\n')) process.kill(-(child.pid ?? 0), 'SIGKILL')
    },
    ready: () =>
      waitFor(
        'the ready line',
        INSTALL_LIMIT_MS,
        () => {
          const port = /^Moldau ready on \S+:(\d+) /m.exec(printed)?.[1]
          if (port === undefined && child.exitCode !== null) throw new Error(printed)
          return port === undefined ? undefined : Number(port)
        },
        () => printed,
      ),
  }
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  const { promise, resolve } = Promise.withResolvers<boolean>()
  socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
  return await promise.finally(() => socket.destroy())
}
