import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../../kernel/seeded-random.ts'
import { type Found, headersIn, KeyedLog, markerBatch } from './keyed-log-for-test.ts'

/*
 * A compaction is ended at every single disk operation in turn: by a kill, by a power cut, by an error
 * of the disk. Whatever is left, the next start finds each record as it was or rightly compacted away.
 */

const SEEDS = 2
const KEYS = 6

/** A synced log of several segments with keys, tombstones and an aborted transaction, all the same for
 *  the same seed. The active segment has a record. */
async function filled(seed: number): Promise<{ fixture: KeyedLog; records: readonly Found[] }> {
  const random = seededRandom(seed)
  const fixture = new KeyedLog({
    seed,
    tailCacheBytes: 0,
    config: { 'segment.bytes': 1_000, 'index.interval.bytes': 100, 'file.delete.delay.ms': 10 },
  })
  await fixture.open()
  for (let count = 0; count < 20; count++) {
    const records = Array.from({ length: 1 + random.below(3) }, () => ({
      key: `${random.below(KEYS)}`,
      value: random.below(4) === 0 ? null : `v${random.below(1_000_000)}`.padEnd(30, '.'),
    }))
    await fixture.add(records)
    if (count % 8 === 3) {
      const producer = {
        producerId: 7,
        producerEpoch: 0,
        baseSequence: count >> 3,
        isTransactional: true,
      }
      await fixture.add([{ key: `${random.below(KEYS)}`, value: 'aborted' }], producer)
      fixture.append(markerBatch('abort', 7))
      await fixture.turn()
    }
  }
  fixture.log.highWatermarkMoved(fixture.log.logEndOffset)
  fixture.roll()
  await fixture.add([{ key: 'end', value: 'end' }])
  await fixture.settle(fixture.log.flush())
  return { fixture, records: await fixture.records() }
}

/** Calls `hit` at the disk operation with number `at`. @returns how many there were in the end. */
function atOperation(fixture: KeyedLog, at: number, hit: () => void): () => number {
  const { faults } = fixture.disk
  let count = 0
  faults.add({ operation: 'stat', times: 0 }) // as long as there is no fault the disk asks for none
  const on = faults.on.bind(faults)
  faults.on = (operation, path) => {
    if (count++ === at) hit()
    return on(operation, path)
  }
  return () => count
}

/** The log is what it was, less what later records supersede and what was aborted. */
async function check(fixture: KeyedLog, before: readonly Found[], what: string): Promise<void> {
  const left = await fixture.records()
  const offsets = left.map(({ offset }) => offset)
  assert.deepEqual(
    offsets,
    offsets.toSorted((a, b) => a - b),
    what,
  )
  for (const record of left) {
    const original = before.find(({ offset }) => offset === record.offset)
    assert.deepEqual(record, original, what)
  }
  const last = new Map<string | null, Found>()
  for (const record of before) if (record.value !== 'aborted') last.set(record.key, record)
  for (const record of last.values()) {
    assert.ok(offsets.includes(record.offset), `${what}: offset ${record.offset} is gone`)
  }
  for (const header of headersIn(await fixture.readAll())) {
    const read = await fixture.read(header.baseOffset)
    assert.equal(read.firstBatchBaseOffset, header.baseOffset, what)
    read.release()
  }
}

/** Whether all files are those of an ordinary log. */
function isTidy(fixture: KeyedLog): boolean {
  return fixture.files().every((name) => !/\.(swap|cleaned|deleted)$/.test(name))
}

const ends = {
  'a kill': (fixture: KeyedLog) => fixture.host.kill(),
  'a power cut': (fixture: KeyedLog) => fixture.host.crash(),
}

for (const [name, end] of Object.entries(ends)) {
  test(`${name} at any disk operation of a compaction loses nothing`, async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      for (let at = 0, isOver = false; !isOver; at++) {
        const what = `seed ${seed}, operation ${at}`
        const { fixture, records } = await filled(seed)
        const { recoveryPoint } = fixture.log
        const count = atOperation(fixture, at, () => end(fixture))
        await fixture.clean().catch(() => {})
        isOver = count() <= at
        if (isOver) end(fixture)
        await fixture.open({ recoveryPoint })
        fixture.log.highWatermarkMoved(fixture.log.logEndOffset)
        assert.ok(isTidy(fixture), what)
        assert.equal(fixture.log.logEndOffset, records.at(-1)!.offset + 1, what)
        await check(fixture, records, what)
        await fixture.clean()
        await check(fixture, records, `${what}, compacted again`)
      }
    }
  })
}

test('an error of the disk at any operation ends the log, and the next start finds all of it', async () => {
  for (let at = 0, isOver = false; !isOver; at++) {
    const what = `operation ${at}`
    const { fixture, records } = await filled(1)
    const { recoveryPoint } = fixture.log
    const { faults } = fixture.disk
    let heal = () => {}
    const count = atOperation(fixture, at, () => {
      for (const operation of ['write', 'rename', 'remove', 'sync', 'syncDirectory'] as const) {
        heal = ((before) => {
          const after = faults.add({ operation, code: 'EIO' })
          return () => {
            before()
            after()
          }
        })(heal)
      }
    })
    const result = await fixture.clean().catch((error: unknown) => error)
    isOver = count() <= at
    if (result instanceof Error) assert.ok(fixture.log.failure, `${what}: ${result.message}`)
    fixture.host.kill()
    await fixture.open({ recoveryPoint })
    assert.ok(isTidy(fixture), what)
    await check(fixture, records, what)
  }
})

test('a full disk ends a compaction and nothing else, and leaves no files behind', async () => {
  const { fixture, records } = await filled(1)
  const heal = fixture.disk.faults.add({ operation: 'write', path: /cleaned/, code: 'ENOSPC' })
  await assert.rejects(fixture.clean(), { code: 'ENOSPC' })
  assert.equal(fixture.log.failure, undefined)
  assert.ok(isTidy(fixture))
  await check(fixture, records, 'full')
  heal()
  await fixture.clean()
  await check(fixture, records, 'compacted')
})

test('a cut at any moment of a compaction is not undone by it', async () => {
  for (let turns = 0; turns < 60; turns++) {
    const { fixture, records } = await filled(2)
    const plan = fixture.log.planCleaning()!
    let result: unknown
    const cleaning = fixture.log.clean(plan, fixture.means()).then(
      (done) => (result = done),
      (error: unknown) => (result = error),
    )
    for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve))
    const cutAt = headersIn(await fixture.readAll()).at(-6)!.baseOffset
    const isFull = turns % 2 === 1
    if (isFull) fixture.log.truncateFullyAndStartAt(cutAt)
    else await fixture.settle(fixture.log.truncateTo(cutAt))
    await fixture.settle(cleaning)
    assert.ok(result !== undefined)
    fixture.host.kill()
    await fixture.open({ recoveryPoint: isFull ? 0 : cutAt, logStartOffset: isFull ? cutAt : 0 })
    // In front of the cut may be a gap, which no file tells of.
    assert.ok(fixture.log.logEndOffset <= cutAt, `turn ${turns}`)
    const left = await fixture.records()
    assert.ok(left.every(({ offset }) => offset < cutAt))
    if (isFull) assert.equal(left.length, 0, `turn ${turns}`)
    for (const record of left) {
      assert.deepEqual(
        record,
        records.find(({ offset }) => offset === record.offset),
      )
    }
  }
})
