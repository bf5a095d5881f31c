import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KafkaError } from '../protocol/errors.ts'
import * as batch from '../records/batch.ts'
import { BatchBuilder } from '../records/builder.ts'
import { batchOf, batchOfBytes, DIRECTORY, recordsIn, T0, TestLog, watch } from './log-for-test.ts'

test('an empty directory becomes an empty log at offset 0', async () => {
  const fixture = new TestLog()
  const log = await fixture.open()
  assert.equal(log.logStartOffset, 0)
  assert.equal(log.logEndOffset, 0)
  assert.equal((await fixture.read(0)).sizeBytes, 0)
  const name = '00000000000000000000'
  assert.deepEqual(fixture.files(), [`${name}.index`, `${name}.log`, `${name}.timeindex`])
})

test('an appended batch gets the next offsets and the epoch of its leader', async () => {
  const fixture = new TestLog()
  const log = await fixture.open()
  const first = fixture.append(batchOf(['a', 'b', 'c']), 4)
  const second = fixture.append(batchOf(['d']), 5)
  assert.deepEqual([first.baseOffset, first.lastOffset], [0, 2])
  assert.deepEqual([second.baseOffset, second.lastOffset], [3, 3])
  await fixture.turn()
  const bytes = await fixture.readAll()
  assert.deepEqual(
    recordsIn(bytes).map(({ offset, value }) => `${offset}${value}`),
    ['0a', '1b', '2c', '3d'],
  )
  assert.equal(batch.leaderEpoch(bytes, 0), 4)
  assert.deepEqual(log.leaderEpochs.entries, [
    { epoch: 4, startOffset: 0 },
    { epoch: 5, startOffset: 3 },
  ])
})

test('appends of one turn are written at its end, and only then announced and readable', async () => {
  const fixture = new TestLog()
  await fixture.open()
  const writes = watch(fixture.disk, 'write', /\.log$/)
  for (let i = 0; i < 10; i++) fixture.append(batchOf([`v${i}`]))
  assert.deepEqual(fixture.written, [])
  assert.equal((await Promise.resolve(fixture.log.read(request(0)))).sizeBytes, 0)
  await fixture.turn()
  assert.deepEqual(fixture.written, [10])
  assert.equal(writes.length, 1)
  assert.equal(recordsIn(await fixture.readAll()).length, 10)
})

test('what the tail cache serves is byte for byte what is in the file', async () => {
  const fixture = new TestLog()
  await fixture.open()
  for (const size of [100, 9_000, 70_000, 120, 200_000]) fixture.append(batchOfBytes(size))
  await fixture.turn()
  const cached = await fixture.readAll()
  const file = fixture.disk.readFile(fixture.path(0, '.log'))
  assert.equal(Buffer.compare(cached, file), 0)
})

test('the buffer of a large batch is kept, small batches are copied', async () => {
  const fixture = new TestLog()
  await fixture.open()
  const large = batchOfBytes(20_000)
  const small = batchOfBytes(200)
  const frame = new Uint8Array(large.length + 100_000)
  frame.set(small, 50)
  fixture.append(large)
  fixture.append(frame.subarray(50, 50 + small.length))
  await fixture.turn()
  const { chunks } = await fixture.read(0)
  assert.equal(chunks[0]!.buffer, large.buffer)
  assert.notEqual(chunks[1]!.buffer, frame.buffer)
})

test('reads outside of the log are refused, reads at its end are empty', async () => {
  const fixture = new TestLog()
  const log = await fixture.open()
  fixture.append(batchOf(['a', 'b', 'c', 'd']))
  await fixture.turn()
  log.deleteRecordsBefore(2)
  for (const offset of [0, 1, 5, 100]) {
    assert.throws(() => log.read(request(offset)), { error: 'OFFSET_OUT_OF_RANGE' })
  }
  assert.equal((await fixture.read(4)).sizeBytes, 0)
})

for (const tailCacheBytes of [64 * 1024 * 1024, 0]) {
  const where = tailCacheBytes === 0 ? 'files' : 'the tail cache'

  test(`reads from ${where} give whole batches within the limits`, async () => {
    const fixture = new TestLog({ tailCacheBytes })
    await fixture.open()
    for (let i = 0; i < 100; i++) fixture.append(batchOf([`${i}`.padStart(3), 'xyz']))
    await fixture.turn()
    const size = (await fixture.read(0)).sizeBytes / 100
    const cases = [
      { offset: 0, maxBytes: 3 * size, records: [0, 1, 2, 3, 4, 5] },
      { offset: 3, maxBytes: 2 * size, records: [2, 3, 4, 5] },
      { offset: 3, maxBytes: 2 * size - 1, records: [2, 3] },
      { offset: 10, maxBytes: 1, records: [10, 11] },
      { offset: 10, maxBytes: 1, minOneBatch: false, records: [] },
      { offset: 10, maxBytes: 0, minOneBatch: false, records: [] },
      { offset: 190, maxBytes: 1e6, upToOffset: 194, records: [190, 191, 192, 193] },
      { offset: 190, maxBytes: 1e6, upToOffset: 195, records: [190, 191, 192, 193] },
      { offset: 190, maxBytes: 1e6, upToOffset: 191, records: [] },
      { offset: 190, maxBytes: 1e6, upToOffset: 190, records: [] },
    ]
    for (const { records, ...wanted } of cases) {
      const result = await fixture.settle(fixture.log.read({ ...request(0), ...wanted }))
      const bytes = Buffer.concat(result.chunks)
      const offsets = recordsIn(bytes).map(({ offset }) => offset)
      assert.deepEqual(offsets, records, JSON.stringify(wanted))
      assert.equal(result.nextOffset, records.length > 0 ? records.at(-1)! + 1 : wanted.offset)
      assert.equal(result.firstBatchBaseOffset, records[0] ?? wanted.offset)
      result.release()
    }
  })
}

test('a batch larger than one read comes whole from the file', async () => {
  const fixture = new TestLog({ tailCacheBytes: 0 })
  await fixture.open()
  const large = batchOfBytes(9 * 1024 * 1024)
  fixture.append(batchOf(['a']))
  fixture.append(large)
  fixture.append(batchOf(['b']))
  await fixture.turn()
  assert.equal((await fixture.read(1, 1000)).sizeBytes, large.length)
  assert.equal((await fixture.read(1, 1000, false)).sizeBytes, 0)
  assert.equal(recordsIn(await fixture.readAll()).length, 3)
})

test('a full segment is closed and the next batch begins a new one', async () => {
  const fixture = new TestLog({ config: { 'segment.bytes': 10_000 } })
  const log = await fixture.open()
  for (let i = 0; i < 10; i++) fixture.append(batchOfBytes(3_000))
  await fixture.turn()
  assert.deepEqual(
    log.segments.map(({ baseOffset }) => baseOffset),
    [0, 3, 6, 9],
  )
  assert.equal(recordsIn(await fixture.readAll()).length, 10)
  assert(log.segments.every(({ sizeBytes }) => sizeBytes <= 10_000))
})

test('a segment is closed when timestamps have moved on by segment.ms', async () => {
  const fixture = new TestLog({ config: { 'segment.ms': 1_000 } })
  const log = await fixture.open()
  for (const delay of [0, 1_000, 1_001, 1_500, 2_001, 2_002]) {
    fixture.append(batchOf(['v'], { timestamp: T0 + delay }))
  }
  assert.deepEqual(
    log.segments.map(({ baseOffset }) => baseOffset),
    [0, 2, 5],
  )
})

test('a full index closes the segment', async () => {
  const config = { 'index.interval.bytes': 0, 'segment.index.bytes': 80 }
  const fixture = new TestLog({ config })
  const log = await fixture.open()
  for (let i = 0; i < 20; i++) fixture.append(batchOf(['v'], { timestamp: T0 + i }))
  await fixture.turn()
  // 80 bytes hold 6 time entries, one is kept for the end: 5 entries stand for 6 batches.
  assert.deepEqual(
    log.segments.map(({ baseOffset }) => baseOffset),
    [0, 6, 12, 18],
  )
})

test('a batch above segment.bytes is refused and changes nothing', async () => {
  const fixture = new TestLog({ config: { 'segment.bytes': 1_000 } })
  const log = await fixture.open()
  const error = { error: 'RECORD_LIST_TOO_LARGE' }
  assert.throws(() => fixture.append(batchOfBytes(2_000)), error)
  assert.equal(log.logEndOffset, 0)
})

test('a duplicate of an idempotent producer is answered with its first offsets', async () => {
  const fixture = new TestLog()
  const log = await fixture.open()
  const producer = { producerId: 7, producerEpoch: 0 }
  fixture.append(batchOf(['a', 'b'], { ...producer, baseSequence: 0 }))
  fixture.append(batchOf(['c'], { ...producer, baseSequence: 2 }))
  const again = fixture.append(batchOf(['a', 'b'], { ...producer, baseSequence: 0 }))
  assert.deepEqual(again, { baseOffset: 0, lastOffset: 1, logAppendTimeMs: T0, isDuplicate: true })
  assert.equal(log.logEndOffset, 3)
  const gap = batchOf(['x'], { ...producer, baseSequence: 9 })
  assert.throws(() => fixture.append(gap), { error: 'OUT_OF_ORDER_SEQUENCE_NUMBER' })
})

for (const end of ['restart', 'kill'] as const) {
  test(`the last five batches of a producer are recognised after a ${end}`, async () => {
    const fixture = new TestLog({ config: { 'segment.bytes': 250 } })
    const log = await fixture.open()
    const send = (n: number) => {
      return fixture.append(batchOf([`${n}`], { producerId: 7, producerEpoch: 0, baseSequence: n }))
    }
    for (let n = 0; n < 8; n++) send(n)
    await fixture.settle(log.flush())
    if (end === 'restart') await fixture.restart()
    else {
      fixture.host.kill()
      await fixture.open({ recoveryPoint: 8 })
    }
    for (let n = 3; n < 8; n++) assert.equal(send(n).baseOffset, n)
    assert.throws(() => send(2), { error: 'OUT_OF_ORDER_SEQUENCE_NUMBER' })
    assert.equal(send(8).baseOffset, 8)
  })
}

test('a follower keeps offsets, epochs and gaps of the leader', async () => {
  const fixture = new TestLog()
  const log = await fixture.open()
  const received = Buffer.concat([
    batchOf(['a', 'b'], { baseOffset: 10, leaderEpoch: 3 }),
    batchOf(['c'], { baseOffset: 20, leaderEpoch: 4 }),
    batchOf(['cut off'], { baseOffset: 21, leaderEpoch: 4 }).subarray(0, 40),
  ])
  log.appendReplica(received, T0)
  await fixture.turn()
  assert.equal(log.logEndOffset, 21)
  assert.deepEqual(
    recordsIn(await fixture.readAll(0)).map(({ offset }) => offset),
    [10, 11, 20],
  )
  assert.deepEqual(
    log.leaderEpochs.entries.map(({ epoch }) => epoch),
    [3, 4],
  )
  const old = batchOf(['old'], { baseOffset: 15, leaderEpoch: 4 })
  assert.throws(() => log.appendReplica(old, T0), { error: 'INVALID_REQUEST' })
  const damaged = batchOf(['x'], { baseOffset: 30, leaderEpoch: 4 })
  damaged[61]! ^= 1
  assert.throws(() => log.appendReplica(damaged, T0), { error: 'CORRUPT_MESSAGE' })
})

test('flush.messages=1 announces a batch only once it is synced, many with one sync', async () => {
  const fixture = new TestLog({ config: { 'flush.messages': 1 } })
  const log = await fixture.open()
  fixture.disk.faults.add({ operation: 'sync', path: /\.log$/, delayMs: 5 })
  const syncs = watch(fixture.disk, 'sync', /\.log$/)
  fixture.append(batchOf(['a']))
  await fixture.turn()
  assert.deepEqual(fixture.written, [])
  for (let i = 0; i < 50; i++) {
    fixture.append(batchOf(['b']))
    await fixture.turn()
  }
  await fixture.simulation.advance(5)
  assert.deepEqual(fixture.written, [1])
  await fixture.simulation.advance(5)
  assert.deepEqual(fixture.written, [1, 51])
  assert.equal(syncs.length, 2)
  assert.equal(log.recoveryPoint, 51)
})

test('flush.messages=10 syncs when ten records are not', async () => {
  const fixture = new TestLog({ config: { 'flush.messages': 10 } })
  const log = await fixture.open()
  fixture.append(batchOf('abcdefghi'.split('')))
  await fixture.turn()
  assert.deepEqual([fixture.written, log.recoveryPoint], [[9], 0])
  fixture.append(batchOf(['j']))
  await fixture.turn()
  assert.deepEqual([fixture.written, log.recoveryPoint], [[9, 10], 10])
})

test('flush.ms syncs what has been written for that long', async () => {
  const fixture = new TestLog({ config: { 'flush.ms': 200 } })
  const log = await fixture.open()
  fixture.append(batchOf(['a']))
  await fixture.simulation.advance(199)
  assert.equal(log.recoveryPoint, 0)
  await fixture.simulation.advance(1)
  assert.equal(log.recoveryPoint, 1)
})

for (const operation of ['write', 'sync'] as const) {
  test(`a failed ${operation} ends the log and is acknowledged to nobody`, async () => {
    const fixture = new TestLog({ config: { 'flush.messages': 1 } })
    const log = await fixture.open()
    fixture.append(batchOf(['a']))
    await fixture.turn()
    fixture.disk.faults.add({ operation, path: /\.log$/, code: 'EIO' })
    fixture.append(batchOf(['b']))
    await fixture.turn()
    assert.deepEqual(fixture.written, [1])
    assert.equal(fixture.failures.length, 1)
    assert.throws(() => fixture.append(batchOf(['c'])), { error: 'KAFKA_STORAGE_ERROR' })
    await assert.rejects(fixture.settle(log.flush()), { error: 'KAFKA_STORAGE_ERROR' })
    await log.close(false)
  })
}

test('a log that is dropped while it is synced announces nothing, and nobody is thrown at', async () => {
  for (const afterMs of [0, 1, 6, 11]) {
    const fixture = new TestLog({ config: { 'flush.messages': 1, 'segment.bytes': 200 } })
    const log = await fixture.open()
    fixture.disk.faults.add({ operation: 'sync', delayMs: 5 })
    for (const value of ['a', 'b', 'c']) fixture.append(batchOf([value]))
    await fixture.simulation.advance(afterMs)
    const announced = fixture.written.length
    await log.close(false)
    await fixture.simulation.advance(1_000)
    assert.equal(fixture.written.length, announced)
    assert.deepEqual(fixture.failures, [])
  }
})

test('a segment that goes while it is synced leaves the others of the same sync to be synced', async () => {
  const config = { 'segment.bytes': 100, 'file.delete.delay.ms': 1 }
  const fixture = new TestLog({ config })
  const log = await fixture.open()
  fixture.disk.faults.add({ operation: 'sync', path: /index$/, delayMs: 5 })
  const syncs = watch(fixture.disk, 'sync', /\.log$/)
  for (const value of ['a', 'b', 'c', 'd']) fixture.append(batchOf([value]))
  await fixture.simulation.advance(12) // the first segment is done, the second waits for its index
  log.deleteRecordsBefore(2)
  log.highWatermarkMoved(2)
  assert.equal(log.applyRetention(), 2)
  await fixture.simulation.advance(1_000)
  await fixture.settle(log.flush())
  assert.equal(log.recoveryPoint, 4)
  assert.deepEqual(syncs.slice(-2), [fixture.path(2, '.log'), fixture.path(3, '.log')])
  assert.deepEqual(fixture.failures, [])
})

test('a full disk during a roll refuses the batch and ends the log', async () => {
  const fixture = new TestLog({ config: { 'segment.bytes': 1_000 } })
  await fixture.open()
  fixture.append(batchOfBytes(900))
  await fixture.turn()
  fixture.disk.faults.add({ operation: 'open', path: /1\.log$/, code: 'ENOSPC' })
  assert.throws(
    () => fixture.append(batchOfBytes(900)),
    (error: KafkaError) => {
      return error.error === 'KAFKA_STORAGE_ERROR' && /roll/.test(error.message)
    },
  )
  await fixture.turn()
  assert.equal(fixture.failures.length, 1)
})

test('a failed read from a file ends the log', async () => {
  const fixture = new TestLog({ tailCacheBytes: 0 })
  await fixture.open()
  fixture.append(batchOf(['a']))
  await fixture.turn()
  fixture.disk.faults.add({ operation: 'read', path: /\.log$/, code: 'EIO' })
  await assert.rejects(fixture.read(0), { error: 'KAFKA_STORAGE_ERROR' })
  await fixture.turn()
  assert.equal(fixture.failures.length, 1)
})

test('a batch that the disk has spoiled is never served, the good ones in front of it are', async () => {
  const fixture = new TestLog({ tailCacheBytes: 0 })
  await fixture.open()
  for (let i = 0; i < 3; i++) fixture.append(batchOfBytes(1_000))
  await fixture.turn()
  const size = fixture.log.sizeBytes / 3
  const file = fixture.disk.open(fixture.path(0, '.log'), 'write')
  file.writeSync([Uint8Array.of(0xff)], size + 500)
  const { chunks } = await fixture.read(0)
  assert.equal(recordsIn(chunks[0]!).length, 1)
  await assert.rejects(fixture.read(1), { error: 'CORRUPT_MESSAGE' })
  assert.equal(recordsIn(Buffer.concat((await fixture.read(2)).chunks)).length, 1)
  assert.equal(fixture.failures.length, 0)
})

test('aborted transactions are found through the index', async () => {
  const fixture = new TestLog()
  const log = await fixture.open()
  const inTransaction = { producerId: 7, producerEpoch: 0, isTransactional: true }
  fixture.append(batchOf(['a', 'b'], { ...inTransaction, baseSequence: 0 }))
  fixture.append(batchOf(['plain']))
  assert.equal(log.firstUnstableOffset, 0)
  log.appendReplica(
    marker({ producerId: 7, producerEpoch: 0, baseOffset: 3, committed: false }),
    T0,
  )
  await fixture.turn()
  const found = log.abortedTransactions(0, 4).map((at) => [at.producerId, at.firstOffset])
  assert.deepEqual(found, [[7, 0]])
  assert.deepEqual(log.abortedTransactions(4, 9), [])
  log.highWatermarkMoved(4)
  assert.equal(log.firstUnstableOffset, undefined)
})

test('moving the log start hides records and drops segments below it at the next retention', async () => {
  const config = { 'segment.bytes': 1_000, 'cleanup.policy': ['compact'] }
  const fixture = new TestLog({ config })
  const log = await fixture.open()
  for (let i = 0; i < 10; i++) fixture.append(batchOfBytes(400))
  await fixture.turn()
  log.deleteRecordsBefore(5)
  log.highWatermarkMoved(10)
  assert.equal(log.applyRetention(), 2)
  assert.deepEqual([log.logStartOffset, log.segments[0]!.baseOffset], [5, 4])
  assert.throws(() => log.deleteRecordsBefore(11), { error: 'OFFSET_OUT_OF_RANGE' })
  const deleted = fixture.files().filter((name) => name.endsWith('.log.deleted'))
  assert.equal(deleted.length, 2)
  await fixture.simulation.advance(60_000)
  assert(!fixture.files().some((name) => name.endsWith('.deleted')))
})

test('retention by age takes the active segment too, and the log goes on at its end', async () => {
  const fixture = new TestLog({ config: { 'retention.ms': 1_000 } })
  const log = await fixture.open()
  fixture.append(batchOf(['a', 'b'], { timestamp: fixture.nowMs - 5_000 }))
  await fixture.turn()
  assert.equal(log.applyRetention(), 0, 'nothing above the high watermark goes')
  log.highWatermarkMoved(2)
  assert.equal(log.applyRetention(), 1)
  assert.deepEqual([log.logStartOffset, log.logEndOffset, log.sizeBytes], [2, 2, 0])
  assert.equal(fixture.append(batchOf(['c'])).baseOffset, 2)
})

test('rollIfDue closes a segment whose first record is old enough by the wall clock', async () => {
  const fixture = new TestLog({ config: { 'segment.ms': 1_000 } })
  const log = await fixture.open()
  assert.equal(log.rollIfDue(fixture.nowMs + 5_000), false, 'an empty segment stays')
  fixture.append(batchOf(['a'], { timestamp: fixture.nowMs }))
  assert.equal(log.rollIfDue(fixture.nowMs + 1_000), false)
  assert.equal(log.rollIfDue(fixture.nowMs + 1_001), true)
  assert.equal(log.segments.length, 2)
})

test('a preallocated segment takes its size at once and its true size when it is closed', async () => {
  const fixture = new TestLog({ config: { preallocate: true, 'segment.bytes': 5_000 } })
  await fixture.open()
  const sizeOf = (offset: number) => fixture.disk.stat(fixture.path(offset, '.log'))!.sizeBytes
  assert.equal(sizeOf(0), 5_000)
  const sizeBytes = batchOfBytes(2_000).length
  for (let i = 0; i < 3; i++) fixture.append(batchOfBytes(2_000))
  await fixture.turn()
  assert.deepEqual([sizeOf(0), sizeOf(2)], [2 * sizeBytes, 5_000])
  assert.equal(recordsIn(await fixture.readAll()).length, 3)
  await fixture.restart()
  assert.equal(sizeOf(2), sizeBytes)
  assert.equal(recordsIn(await fixture.readAll()).length, 3)
})

test('a thousand segments are served with four open files', async () => {
  const fixture = new TestLog({
    config: { 'segment.bytes': 300 },
    tailCacheBytes: 0,
    limits: { openFiles: 4, indexBytes: 1_000 },
  })
  await fixture.open()
  for (let i = 0; i < 1_000; i++) fixture.append(batchOfBytes(200))
  await fixture.turn()
  assert.equal(fixture.log.segments.length, 1_000)
  assert.equal(recordsIn(await fixture.readAll()).length, 1_000)
  await fixture.restart()
  assert.equal(recordsIn(await fixture.readAll()).length, 1_000)
})

test('the directory may be renamed and the log closed without touching it', async () => {
  const fixture = new TestLog()
  const log = await fixture.open()
  fixture.append(batchOf(['a']))
  const away = `${DIRECTORY}.1-delete`
  fixture.disk.rename(DIRECTORY, away)
  log.moveTo(away)
  await log.close(false)
  assert.equal(fixture.disk.stat(DIRECTORY), undefined)
})

function request(offset: number) {
  const upToOffset = Number.MAX_SAFE_INTEGER
  return { offset, maxBytes: 1_048_576, upToOffset, minOneBatch: true }
}

function marker(options: {
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseOffset: number
  readonly committed: boolean
}): Uint8Array {
  const { committed, ...rest } = options
  const control = { ...rest, leaderEpoch: 0, isTransactional: true, isControl: true }
  const key = Uint8Array.of(0, 0, 0, committed ? 1 : 0)
  const value = Uint8Array.of(0, 0, 0, 0, 0, 0)
  return new BatchBuilder(control).append({ key, value, timestamp: T0 }).build()
}
