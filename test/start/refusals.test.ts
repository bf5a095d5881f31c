/** Every start that cannot be: one sentence on standard error, exit code 1, nothing else. */

import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { test } from 'node:test'
import { runMoldau, scratchDirectory, startMoldau, stop } from './process.ts'

interface Refusal {
  readonly name: string
  readonly args: readonly string[]
  readonly says: RegExp
}

const options: readonly Refusal[] = [
  {
    name: 'a port that is none',
    args: ['start', '--port', 'many'],
    says: /^moldau: --port many: expected a number from 0 to 65535$/,
  },
  {
    name: 'a setting without a value',
    args: ['start', '--set', 'num.partitions'],
    says: /^moldau: --set num\.partitions: expected key=value$/,
  },
  {
    name: 'a value of the wrong type',
    args: ['start', '--set', 'log.retention.ms=soon'],
    says: /^moldau: --set: log\.retention\.ms=soon: Not a number of type LONG\. Allowed: a whole number\.$/,
  },
  {
    name: 'a value outside its range',
    args: ['start', '--set', 'num.partitions=0'],
    says: /^moldau: --set: num\.partitions=0: Value must be at least 1\. Allowed: a whole number from 1 to 2147483647\.$/,
  },
  {
    name: 'a file that is not there',
    args: ['start', '--config', 'absent.properties'],
    says: /^moldau: --config absent\.properties cannot be read \(ENOENT\)$/,
  },
  {
    name: 'a listener that needs what is not served',
    args: ['start', '--memory', '--set', 'listeners=SSL://127.0.0.1:0'],
    says: /^moldau: Listener SSL: SSL is not supported by this broker\.$/,
  },
  {
    name: 'an address of another machine',
    args: ['start', '--memory', '--set', 'listeners=PLAINTEXT://192.0.2.1:9092'],
    says: /^moldau: Listener PLAINTEXT: 192\.0\.2\.1:9092 is no address of this machine\.$/,
  },
  {
    name: 'a format of log lines that is none',
    args: ['start', '--log-format', 'xml'],
    says: /^moldau: option '--log-format <format>' argument 'xml' is invalid\. Allowed choices are text, json\.\n/,
  },
  {
    name: 'an option that is none',
    args: ['start', '--prot', '9092'],
    says: /^moldau: unknown option '--prot'\n\(Did you mean --port\?\)\n/,
  },
  {
    name: 'a command that is none',
    args: ['sturt'],
    says: /^moldau: unknown command 'sturt'\n\(Did you mean start\?\)\n/,
  },
]

for (const { name, args, says } of options) {
  test(`${name} is refused in one sentence`, async (t) => {
    await refuses(args, scratchDirectory(t), says)
  })
}

test('a bad value in a file is named with its line', async (t) => {
  const directory = scratchDirectory(t)
  writeFileSync(path.join(directory, 'server.properties'), '# mine\nnum.partitions=-3\n')
  const says =
    /^moldau: server\.properties:2: num\.partitions=-3: .* Allowed: a whole number from 1 /
  await refuses(['start', '--config', 'server.properties'], directory, says)
})

test('a port that another process has is named', async (t) => {
  const server = createServer()
  t.after(() => server.close())
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', resolve)
  await promise
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  const says = new RegExp(
    `^moldau: Listener PLAINTEXT: 127\\.0\\.0\\.1:${address.port} is taken by another process\\. ` +
      'Stop that process or choose another port\\.$',
  )
  const args = ['start', '--memory', '--port', `${address.port}`]
  await refuses(args, scratchDirectory(t), says)
})

test('a directory that another broker has open is refused, and free again after its kill -9', async (t) => {
  const directory = scratchDirectory(t)
  const first = startMoldau(['--port', '0'], directory)
  await first.ready()
  const says =
    /^moldau: log directory (\S+\/data) is in use by another broker: it holds \1\/\.lock$/
  await refuses(['start', '--port', '0'], directory, says)
  first.child.kill('SIGKILL')
  await first.ended()
  const next = startMoldau(['--port', '0'], directory)
  await next.ready()
  assert.equal((await stop(next)).code, 0)
})

test('a directory that may not be written to is refused', async (t) => {
  const says = /^moldau: log directory \S+ is (not writable|on a read-only file system): /
  if (process.getuid?.() === 0) {
    // Modes do not bind root; the kernel's own file system does.
    if (process.platform !== 'linux') return t.skip('root may write everywhere here')
    await refuses(['start', '--port', '0', '--data', '/sys/moldau'], scratchDirectory(t), says)
  } else {
    const directory = scratchDirectory(t)
    const data = path.join(directory, 'data')
    mkdirSync(data)
    chmodSync(data, 0o555)
    await refuses(['start', '--port', '0'], directory, says)
  }
})

test('a file in the place of the directory is refused', async (t) => {
  const directory = scratchDirectory(t)
  writeFileSync(path.join(directory, 'data'), '')
  const says = /^moldau: log directory \S+\/data is not a directory: /
  await refuses(['start', '--port', '0'], directory, says)
})

const others: readonly (readonly [name: string, from: RegExp, to: string, says: RegExp])[] = [
  [
    'of another cluster',
    /^cluster\.id=.*/m,
    'cluster.id=AAAAAAAAAAAAAAAAAAAAAQ',
    /^moldau: the metadata belongs to cluster \S+, the log directories to AAAAAAAAAAAAAAAAAAAAAQ$/,
  ],
  [
    'of another node',
    /^node\.id=.*/m,
    'node.id=7',
    /^moldau: log directory \S+ belongs to node 7, this broker is node 1$/,
  ],
  [
    'that a newer version wrote',
    /^version=.*/m,
    'version=2',
    /^moldau: log directory \S+: \S+meta\.properties was written by a newer version: /,
  ],
]
for (const [name, from, to, says] of others) {
  test(`a directory ${name} is refused`, async (t) => {
    const directory = scratchDirectory(t)
    const first = startMoldau(['--port', '0'], directory)
    await first.ready()
    await stop(first)
    const file = path.join(directory, 'data/meta.properties')
    writeFileSync(file, readFileSync(file, 'utf8').replace(from, to))
    await refuses(['start', '--port', '0'], directory, says)
  })
}

async function refuses(args: readonly string[], directory: string, says: RegExp): Promise<void> {
  const { code, stdout, stderr } = await runMoldau(args, directory)
  const said = stderr
    .split('\n')
    .filter((line) => !/^\S+ \S+ INFO /.test(line))
    .join('\n')
    .trimEnd()
  assert.match(said, says)
  assert.doesNotMatch(stderr, /^\s+at /m, 'no stack trace')
  assert.equal(stdout, '')
  assert.equal(code, 1)
}
