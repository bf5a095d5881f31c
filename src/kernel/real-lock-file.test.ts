import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { takeLockFile } from './real-lock-file.ts'

const directory = fs.mkdtempSync(join(tmpdir(), 'moldau-lock-'))
after(() => fs.rmSync(directory, { recursive: true }))

/** Another process that takes the lock, says whether it got it, and stays until it is killed. */
async function otherProcess(path: string) {
  const module = JSON.stringify(import.meta.resolve('./real-lock-file.ts'))
  const script = `import { takeLockFile } from ${module}
    console.log(takeLockFile(${JSON.stringify(path)}) !== undefined)
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script])
  const [answer]: Buffer[] = await once(child.stdout, 'data')
  return { child, got: answer?.toString().trim() === 'true' }
}

test('a lock of a living process is respected, one of a killed process is taken over', async () => {
  const path = join(directory, 'living')
  const { child, got } = await otherProcess(path)
  assert.ok(got)
  assert.equal(takeLockFile(path), undefined)
  child.kill('SIGKILL')
  await once(child, 'exit')
  const lock = takeLockFile(path)
  assert.ok(lock)
  lock.release()
  assert.deepEqual(fs.readdirSync(directory), [])
})

test('of many processes that take over a dead lock at once exactly one gets it', async () => {
  const path = join(directory, 'race')
  fs.writeFileSync(path, JSON.stringify({ pid: 1 << 30, started: 'another boot/1' }))
  const all = await Promise.all(Array.from({ length: 4 }, () => otherProcess(path)))
  assert.equal(all.filter(({ got }) => got).length, 1)
  for (const { child } of all) child.kill('SIGKILL')
})

const leftBehind = {
  'the id of a process that lives but started at another time': JSON.stringify({
    pid: process.pid,
    started: 'another boot/1',
  }),
  'nothing, as the lock file that Kafka leaves': '',
  'what is no owner': '{"pid":"x"}',
}
for (const [what, content] of Object.entries(leftBehind)) {
  test(`a lock file that holds ${what} is taken over`, () => {
    const path = join(directory, 'left')
    fs.writeFileSync(path, content)
    const lock = takeLockFile(path)
    assert.ok(lock)
    assert.equal(takeLockFile(path), undefined)
    lock.release()
    assert.ok(!fs.existsSync(path))
  })
}

test('a take-over that died half way does not keep the lock for ever', () => {
  const path = join(directory, 'half')
  const dead = { pid: 1 << 30, started: 'another boot/1' }
  fs.writeFileSync(path, JSON.stringify(dead))
  fs.writeFileSync(`${path}.${dead.pid}.takeover`, JSON.stringify({ ...dead, pid: dead.pid + 1 }))
  const lock = takeLockFile(path)
  assert.ok(lock)
  lock.release()
})

test('releasing leaves a lock alone that somebody else holds by now', () => {
  const path = join(directory, 'other')
  const lock = takeLockFile(path)
  fs.writeFileSync(path, JSON.stringify({ pid: 1, started: 'x' }))
  lock?.release()
  assert.ok(fs.existsSync(path))
})
