/** What a person sees of a broker that starts and stops as it should. */

import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import path from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { describeConfigs } from '../../src/protocol/api/32-describe-configs.ts'
import { frameOf } from '../clients/raw/connection.ts'
import { waitFor } from '../clients/support.ts'
import { portIn, runMoldau, scratchDirectory, startMoldau, stop } from './process.ts'

test('the ready line names address, node, cluster, data directory and time, and is all there is', async (t) => {
  const directory = scratchDirectory(t)
  const broker = startMoldau(['--port', '0'], directory)
  const line = await broker.ready()
  const data = path.join(directory, 'data')
  const shape =
    /^Moldau ready on 127\.0\.0\.1:\d+ · node 1 · cluster ([\w-]{22}) · data (.+) · \d+ ms$/
  const [, clusterId, shown] = shape.exec(line) ?? assert.fail(line)
  assert.equal(shown, data)
  const ended = await stop(broker)
  assert.equal(ended.code, 0)
  assert.equal(
    ended.stdout,
    `${line}\nMoldau stopping (SIGTERM); again to quit at once\nMoldau stopped\n`,
  )
  const meta = readFileSync(path.join(data, 'meta.properties'), 'utf8')
  assert.match(meta, new RegExp(`^cluster.id=${clusterId}$`, 'm'))
  assert.ok(existsSync(path.join(data, '.kafka_cleanshutdown')))
})

test('a second start finds the same cluster and formats nothing', async (t) => {
  const directory = scratchDirectory(t)
  const clusters: (string | undefined)[] = []
  const logs: string[] = []
  for (let start = 0; start < 2; start++) {
    const broker = startMoldau(['--port', '0'], directory)
    clusters.push(/cluster (\S+)/.exec(await broker.ready())?.[1])
    logs.push((await stop(broker)).stderr)
  }
  assert.equal(clusters[1], clusters[0])
  assert.match(logs[0] ?? '', /Formatted a log directory/)
  assert.equal(logs[1], '')
})

test('a broker in memory leaves no file', async (t) => {
  const directory = scratchDirectory(t)
  const broker = startMoldau(['--port', '0', '--memory'], directory)
  assert.match(await broker.ready(), / · data memory only · /)
  assert.equal((await stop(broker)).code, 0)
  assert.equal(existsSync(path.join(directory, 'data')), false)
})

test('Ctrl-C reaches the broker by several ways and stops it once', async (t) => {
  const broker = startMoldau(['--port', '0', '--memory'], scratchDirectory(t))
  await broker.ready()
  for (let times = 0; times < 3; times++) broker.child.kill('SIGINT')
  const { code, stdout } = await broker.ended()
  assert.match(stdout, /Moldau stopping \(SIGINT\).*\nMoldau stopped\n$/)
  assert.equal(code, 0)
})

test('a second signal ends a broker at once that still waits for a client', async (t) => {
  const broker = startMoldau(['--port', '0', '--memory'], scratchDirectory(t))
  const port = portIn(await broker.ready())
  const client = await clientThatReadsNothing(port)
  t.after(() => client.destroy())
  broker.child.kill('SIGTERM')
  await waitFor('it to begin', 10_000, () => broker.stdout().includes('stopping'))
  await delay(400)
  assert.equal(broker.child.exitCode, null, 'it waits for the client')
  broker.child.kill('SIGINT')
  const { code, stdout } = await broker.ended()
  assert.equal(code, 130)
  assert.doesNotMatch(stdout, /stopped/)
})

test('a broker goes on and stops in order when nobody reads its output any more', async (t) => {
  const broker = startMoldau(['--port', '0', '--memory'], scratchDirectory(t))
  await broker.ready()
  broker.child.stdout?.destroy()
  broker.child.stderr?.destroy()
  assert.equal((await stop(broker)).code, 0)
})

test('log lines are objects on standard error when asked for', async (t) => {
  const args = ['--port', '0', '--memory', '--log-format', 'json']
  const broker = startMoldau(args, scratchDirectory(t))
  await broker.ready()
  const { stderr } = await stop(broker)
  const lines = stderr
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.ok(lines.some(({ msg }) => msg === 'Formatted a log directory.'))
})

test('--version and --help answer without a broker', async (t) => {
  const directory = scratchDirectory(t)
  const version = await runMoldau(['--version'], directory)
  assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/)
  const help = await runMoldau(['start', '--help'], directory)
  for (const option of ['--port', '--data', '--memory', '--config', '--set']) {
    assert.ok(help.stdout.includes(option), option)
  }
})

/** A client that asks for far more than the sockets between can hold, and takes none of it. */
async function clientThatReadsNothing(port: number): Promise<Socket> {
  const resources = [{ resourceType: 4, resourceName: '1', configurationKeys: null }]
  const allSettings = { resources, includeSynonyms: true, includeDocumentation: true }
  const ask = frameOf(describeConfigs, 4, 1, allSettings)
  const client = connect(port, '127.0.0.1').on('error', () => {})
  client.pause()
  client.write(Buffer.concat(Array.from({ length: 1_000 }, () => ask)))
  await delay(500)
  return client
}
