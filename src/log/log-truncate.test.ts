import assert from 'node:assert/strict'
import { test } from 'node:test'
import { batchOf, batchOfBytes, recordsIn, T0, TestLog } from './log-for-test.ts'

async function filled(fixture = new TestLog({ config: { 'segment.bytes': 3_000 } })) {
  await fixture.open()
  for (let i = 0; i < 12; i++) {
    const producer = { producerId: 7, producerEpoch: 0, baseSequence: i, timestamp: T0 + i }
    fixture.append(batchOfBytes(900, producer), Math.floor(i / 4))
  }
  await fixture.turn()
  return fixture
}

async function offsets(fixture: TestLog): Promise<number[]> {
  return recordsIn(await fixture.readAll()).map(({ offset }) => offset)
}

for (let cut = 0; cut <= 12; cut++) {
  test(`cut to ${cut} of 12, everything forgets what is gone`, async () => {
    const fixture = await filled()
    const { log } = fixture
    const wasCut = await fixture.settle(log.truncateTo(cut))
    assert.equal(wasCut, cut < 12)
    const kept = Array.from({ length: cut }, (_, offset) => offset)
    assert.deepEqual(await offsets(fixture), kept)
    assert.equal(log.logEndOffset, cut)
    assert(log.leaderEpochs.entries.every(({ startOffset }) => startOffset < cut))
    assert.equal(log.producers.entry(7)?.batches.at(-1)?.lastOffset, cut > 0 ? cut - 1 : undefined)
    const newest = await fixture.settle(log.maxTimestamp())
    assert.equal(newest?.timestamp, cut > 0 ? T0 + cut - 1 : undefined)

    const next = batchOf(['next'], { producerId: 7, producerEpoch: 0, baseSequence: cut })
    assert.equal(fixture.append(next, 9).baseOffset, cut)
    await fixture.turn()
    assert.deepEqual(await offsets(fixture), [...kept, cut])
    await log.close(false)
    await fixture.open()
    assert.deepEqual(await offsets(fixture), [...kept, cut])
  })
}

test('a batch that reaches over the cut goes as a whole', async () => {
  const fixture = new TestLog()
  const log = await fixture.open()
  fixture.append(batchOf(['a', 'b']))
  fixture.append(batchOf(['c', 'd', 'e']))
  await fixture.settle(log.truncateTo(3))
  assert.equal(log.logEndOffset, 3)
  assert.deepEqual(await offsets(fixture), [0, 1])
})

test('a cut lowers the recovery point and what was synced does not come back', async () => {
  const fixture = await filled()
  await fixture.settle(fixture.log.flush())
  assert.equal(fixture.log.recoveryPoint, 12)
  await fixture.settle(fixture.log.truncateTo(5))
  assert.equal(fixture.log.recoveryPoint, 5)
})

test('while a log is cut nothing may be appended', async () => {
  const fixture = await filled()
  const cutting = fixture.log.truncateTo(5)
  assert.throws(() => fixture.append(batchOf(['x'])), /being truncated/)
  await fixture.settle(cutting)
  fixture.append(batchOf(['x']), 9)
})

test('a sync that runs during a cut promises nothing about what follows', async () => {
  const fixture = await filled()
  fixture.disk.faults.add({ operation: 'sync', path: /\.log$/, delayMs: 10 })
  const flushing = fixture.log.flush()
  const cutting = fixture.log.truncateTo(5)
  await fixture.settle(cutting)
  fixture.append(batchOf(['x', 'y', 'z']), 9)
  await fixture.settle(flushing)
  assert.equal(fixture.log.recoveryPoint, 5)
})

test('a read from a file during a cut does not see what is gone', async () => {
  const fixture = await filled(new TestLog({ tailCacheBytes: 0 }))
  fixture.disk.faults.add({ operation: 'read', path: /\.log$/, delayMs: 10, times: 1 })
  const reading = fixture.read(2)
  await fixture.settle(fixture.log.truncateTo(5))
  const { chunks } = await reading
  assert.deepEqual(
    recordsIn(Buffer.concat(chunks)).map(({ offset }) => offset),
    [2, 3, 4],
  )
})

test('truncateFullyAndStartAt leaves an empty log at the offset', async () => {
  const fixture = await filled()
  const { log } = fixture
  log.truncateFullyAndStartAt(100)
  assert.deepEqual([log.logStartOffset, log.logEndOffset, log.sizeBytes], [100, 100, 0])
  assert.equal(log.producers.size, 0)
  assert.deepEqual(log.leaderEpochs.entries, [])
  fixture.append(batchOf(['a']))
  await fixture.turn()
  assert.deepEqual(await offsets(fixture), [100])
  await fixture.simulation.advance(120_000)
  assert.deepEqual(await offsets(fixture), [100], 'only the old files are removed')
  await fixture.restart()
  assert.deepEqual(await offsets(fixture), [100])
})

test('a cut below the first segment starts the log there', async () => {
  const fixture = await filled()
  const { log } = fixture
  log.deleteRecordsBefore(7)
  log.highWatermarkMoved(12)
  log.applyRetention()
  await fixture.settle(log.truncateTo(2))
  assert.deepEqual([log.logStartOffset, log.logEndOffset], [2, 2])
})
