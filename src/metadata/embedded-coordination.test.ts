import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { silentLogger } from '../kernel/logger.ts'
import { realEnvironment } from '../kernel/real-environment.ts'
import { type Coordination, UNTIL_CLOSE } from './coordination.ts'
import { coordinationContract } from './coordination-contract.ts'
import { EmbeddedCoordination, type EmbeddedOptions } from './embedded-coordination.ts'
import { VirtualTime } from './virtual-time-fixtures-for-test.ts'

const POLL_MS = 10

for (const sharing of ['exclusive', 'shared'] as const) {
  coordinationContract(`EmbeddedCoordination, ${sharing}`, async () => {
    const time = new VirtualTime()
    const folder = new Folder()
    const coordination = await openEmbedded(folder.file, sharing, time)
    return {
      coordination,
      passTime: async (ms) => time.pass(ms),
      close: async () => {
        await coordination.close()
        folder.remove()
      },
    }
  })
}

test('what was committed is there after the file is opened again, revisions included', async (t) => {
  const folder = new Folder()
  t.after(() => folder.remove())
  const first = await openEmbedded(folder.file, 'exclusive')
  await put(first, 'a', '{"text":"with blanks and \\"quotes\\""}')
  await put(first, 'b', '')
  const before = await first.read('')
  await first.close()
  const second = await openEmbedded(folder.file, 'exclusive')
  assert.deepEqual(await second.read(''), before)
  assert.equal((await second.commit({ deletes: ['a'] })).revision, 3)
  await second.close()
  assert.deepEqual(readdirSync(folder.path).sort(), ['store.lmdb', 'store.lmdb-lock'])
})

test('an exclusive open ends the leases that the process before it left', async (t) => {
  const folder = new Folder()
  t.after(() => folder.remove())
  const first = await openEmbedded(folder.file, 'exclusive')
  const leaseId = await first.grantLease(60_000)
  await first.commit({ puts: [{ key: 'bound', value: 'x', leaseId }] })
  await put(first, 'free', 'x')
  await first.close()
  const second = await openEmbedded(folder.file, 'exclusive')
  assert.deepEqual(keysOf(await second.read('')), ['free'])
  await second.close()
})

test('a clean close ends the leases that last until close', async (t) => {
  const folder = new Folder()
  t.after(() => folder.remove())
  const first = await openEmbedded(folder.file, 'exclusive')
  const leaseId = await first.grantLease(UNTIL_CLOSE)
  await first.commit({ puts: [{ key: 'bound', value: 'x', leaseId }] })
  await first.close()
  const second = await openEmbedded(folder.file, 'shared')
  assert.deepEqual(keysOf(await second.read('')), [])
  await second.close()
})

test('an exclusive store sets no timer', async (t) => {
  const folder = new Folder()
  t.after(() => folder.remove())
  const time = new VirtualTime()
  const store = await openEmbedded(folder.file, 'exclusive', time)
  const leaseId = await store.grantLease(UNTIL_CLOSE)
  await store.commit({ puts: [{ key: 'bound', value: 'x', leaseId }] })
  assert.equal(time.waiting, 0)
  await store.close()
})

test('history is kept for the latest thousand changes; a watch from before is told so', async (t) => {
  const folder = new Folder()
  t.after(() => folder.remove())
  const store = await openEmbedded(folder.file, 'exclusive')
  t.after(() => store.close())
  for (let i = 1; i <= 1_005; i++) await put(store, 'a', String(i))
  const signal = new AbortController().signal
  const firstAfter = async (revision: number) => {
    for await (const change of store.watch('', revision, signal)) return change.revision
    return undefined
  }
  assert.equal(await firstAfter(5), 6)
  await assert.rejects(firstAfter(4), { name: 'CoordinationError', reason: 'compacted' })
})

test('a file of a newer format is refused, and says so', async (t) => {
  const folder = new Folder()
  t.after(() => folder.remove())
  await (await openEmbedded(folder.file, 'exclusive')).close()
  const { open } = await import('lmdb')
  const db = open<string, string>({ path: folder.file, noSubdir: true, encoding: 'string' })
  db.putSync('meta', JSON.stringify({ format: 2, revision: 0, oldest: 1 }))
  await db.close()
  await assert.rejects(openEmbedded(folder.file, 'exclusive'), {
    reason: 'unreachable',
    message: /format 2; this version reads 1/,
  })
})

// Each of these makes LMDB itself end the process.
const damages: Record<string, (file: string) => void> = {
  'other bytes': (file) => writeFileSync(file, 'x'.repeat(10_000)),
  'a few bytes': (file) => writeFileSync(file, 'x'),
  'zeros in place of its first page': (file) => {
    const bytes = readFileSync(file)
    writeFileSync(file, bytes.fill(0, 0, 4096))
  },
  'its tail cut off': (file) => truncateSync(file, 4096),
  'another format of LMDB': (file) => {
    const bytes = readFileSync(file)
    bytes.writeUInt32LE(1, 28)
    writeFileSync(file, bytes)
  },
}
for (const [damage, inflict] of Object.entries(damages)) {
  test(`a file with ${damage} is refused with an error that names it`, async (t) => {
    const folder = new Folder()
    t.after(() => folder.remove())
    await (await openEmbedded(folder.file, 'exclusive')).close()
    inflict(folder.file)
    await assert.rejects(openEmbedded(folder.file, 'exclusive'), {
      name: 'CoordinationError',
      reason: 'unreachable',
      message: /store\.lmdb: it/,
    })
  })
}

test('an empty file, left by a crash at its making, is a new store', async (t) => {
  const folder = new Folder()
  t.after(() => folder.remove())
  writeFileSync(folder.file, '')
  const store = await openEmbedded(folder.file, 'exclusive')
  assert.equal((await store.read('')).revision, 0)
  await store.close()
})

test('commits of another process are watched, and its lease ends with it', async (t) => {
  const folder = new Folder()
  t.after(() => folder.remove())
  const store = await openEmbedded(folder.file, 'shared')
  t.after(() => store.close())
  const child = new Counting(folder.file, 'shared')
  t.after(() => child.kill())
  const seen: string[] = []
  for await (const change of store.watch('', 0, AbortSignal.timeout(20_000))) {
    for (const { key, value } of change.entries) seen.push(`${key}=${value}`)
    if (seen.length === 3) await child.kill()
    if (seen.at(-1) === 'bound=undefined') break
  }
  assert.deepEqual(seen.slice(0, 3), ['bound=x', 'count=1', 'count=2'])
})

test('two processes that race for the same key never both win', async (t) => {
  const folder = new Folder()
  t.after(() => folder.remove())
  const store = await openEmbedded(folder.file, 'shared')
  t.after(() => store.close())
  const child = new Counting(folder.file, 'shared')
  t.after(() => child.kill())
  await child.reaches(1)
  let wins = 0
  for (let i = 0; i < 300; i++) {
    await new Promise((resolve) => setImmediate(resolve))
    const { entries } = await store.read('count')
    const [{ value = '0', modRevision = 0 } = {}] = entries
    const commit = { puts: [{ key: 'count', value: String(Number(value) + 1) }] }
    const outcome = await store.commit({ ...commit, expect: { count: { modRevision } } })
    if (outcome.committed) wins += 1
  }
  await child.kill()
  const childWins = child.reported
  assert.ok(wins > 0 && childWins > 0, `wins ${wins}, ${childWins}`)
  const [entry] = (await store.read('count')).entries
  // The child may have been killed between a commit and its report.
  assert.ok([0, 1].includes(Number(entry?.value) - wins - childWins), `count ${entry?.value}`)
})

test('after kill -9 at any moment everything reported committed is there, and whole', async (t) => {
  const folder = new Folder()
  t.after(() => folder.remove())
  let least = 0
  for (let round = 0; round < 5; round++) {
    const child = new Counting(folder.file, 'exclusive')
    t.after(() => child.kill())
    await child.reaches(least + 20 + round * 7)
    await child.kill()
    const { reported } = child
    const store = await openEmbedded(folder.file, 'exclusive')
    const values = new Map((await store.read('')).entries.map(({ key, value }) => [key, value]))
    const count = Number(values.get('count'))
    assert.ok(count === reported || count === reported + 1, `count ${count}, reported ${reported}`)
    assert.equal(values.get('copy'), values.get('count'))
    assert.equal(values.has('bound'), false)
    least = count
    await store.close()
  }
})

class Folder {
  readonly path = mkdtempSync(path.join(tmpdir(), 'moldau-metadata-'))
  readonly file = path.join(this.path, 'store.lmdb')

  remove(): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}

function openEmbedded(file: string, sharing: EmbeddedOptions['sharing'], time?: VirtualTime) {
  const environment = realEnvironment()
  const lived = time ? { ...environment, clock: time, timers: time } : environment
  return EmbeddedCoordination.open(lived, silentLogger, { path: file, sharing, pollMs: POLL_MS })
}

/** A process that counts in the store until it is killed. */
class Counting {
  readonly #process
  /** The highest number it printed: a count that was reported committed. */
  reported = 0

  constructor(file: string, sharing: EmbeddedOptions['sharing']) {
    const script = new URL('./counting-fixtures-for-test.ts', import.meta.url).pathname
    const stdio = ['ignore', 'pipe', 'inherit'] as const
    this.#process = spawn(process.execPath, [script, file, sharing], { stdio: [...stdio] })
    createInterface({ input: this.#process.stdout! }).on('line', (line) => {
      this.reported = Number(line)
    })
  }

  async reaches(count: number): Promise<void> {
    while (this.reported < count && this.#process.exitCode === null) await delay(1)
  }

  async kill(): Promise<void> {
    this.#process.kill('SIGKILL')
    while (!this.#process.stdout?.closed) await delay(1)
  }
}

function put(store: Coordination, key: string, value: string) {
  return store.commit({ puts: [{ key, value }] })
}

function keysOf(snapshot: { entries: readonly { key: string }[] }): string[] {
  return snapshot.entries.map((entry) => entry.key)
}
