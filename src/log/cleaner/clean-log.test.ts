import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as batch from '../../records/batch.ts'
import { T0 } from '../log-for-test.ts'
import { headersIn, KeyedLog, keyedBatch, markerBatch } from './keyed-log-for-test.ts'

const DAY_MS = 86_400_000

async function opened(options: ConstructorParameters<typeof KeyedLog>[0] = {}): Promise<KeyedLog> {
  const fixture = new KeyedLog(options)
  await fixture.open()
  return fixture
}

test('the last record of each key stays, at its offset, in order', async () => {
  const fixture = await opened()
  await fixture.add([
    { key: 'a', value: '1' },
    { key: 'b', value: '2' },
  ])
  await fixture.add([{ key: 'a', value: '3' }])
  fixture.roll()
  await fixture.add([{ key: 'b', value: '4' }])
  const result = await fixture.clean()
  assert.equal(result.cleanedTo, 3)
  assert.deepEqual(
    (await fixture.records()).map(({ offset, value }) => [offset, value]),
    [
      [1, '2'],
      [2, '3'],
      [3, '4'],
    ], // the active segment does not count
  )
})

test('what stays whole is copied byte for byte', async () => {
  const fixture = await opened()
  await fixture.add(
    [
      { key: 'a', value: '1' },
      { key: 'b', value: '2' },
    ],
    { compression: 'zstd' },
  )
  await fixture.add([{ key: 'c', value: '3' }])
  fixture.roll()
  const before = await fixture.readAll()
  await fixture.clean()
  assert.deepEqual(await fixture.readAll(), before)
})

test('a batch that loses records keeps offsets, sequence and codec', async () => {
  const fixture = await opened()
  const producer = { producerId: 7, producerEpoch: 3, baseSequence: 0 }
  const records = ['a', 'b', 'a', 'c', 'c'].map((key, index) => {
    return { key, value: `${index}`, timestamp: T0 + 10 * index }
  })
  await fixture.add(records, { ...producer, compression: 'gzip' })
  await fixture.add([{ key: 'd', value: 'x' }], { ...producer, baseSequence: 5 })
  fixture.roll()
  await fixture.clean()
  const bytes = await fixture.readAll()
  const [first] = headersIn(bytes)
  assert.equal(batch.batchDamage(bytes), undefined)
  assert.deepEqual(
    { ...first, attributes: undefined },
    {
      at: 0,
      baseOffset: 0,
      leaderEpoch: 0,
      attributes: undefined,
      lastOffsetDelta: 4,
      baseTimestamp: T0 + 10,
      maxTimestamp: T0 + 40,
      producerId: 7,
      producerEpoch: 3,
      baseSequence: 0,
      recordCount: 3,
    },
  )
  assert.equal(batch.compressionOf(bytes), 'gzip')
  const left = (await fixture.records()).slice(0, 3)
  assert.deepEqual(
    left.map(({ offset, timestamp }) => [offset, timestamp]),
    [
      [1, T0 + 10],
      [2, T0 + 20],
      [4, T0 + 40],
    ],
  )
})

test('a tombstone hides older records at once, and goes when its horizon has passed', async () => {
  const fixture = await opened({ config: { 'delete.retention.ms': DAY_MS } })
  await fixture.add([{ key: 'a', value: '1' }])
  await fixture.add([
    { key: 'a', value: null },
    { key: 'b', value: '1' },
  ])
  fixture.roll()
  const nowMs = fixture.nowMs
  await fixture.clean()
  const [first] = headersIn(await fixture.readAll())
  assert.equal(first?.baseOffset, 1)
  assert.equal(batch.deleteHorizonMs(await fixture.readAll()), nowMs + DAY_MS)
  assert.deepEqual(
    (await fixture.records()).map(({ value }) => value),
    [null, '1'],
  )
  assert.deepEqual(
    (await fixture.records()).map(({ timestamp }) => timestamp),
    [T0, T0],
  )

  await fixture.simulation.advance(DAY_MS - 1)
  await fixture.add([{ key: 'c', value: '1' }])
  fixture.roll()
  await fixture.clean()
  assert.equal((await fixture.records()).length, 3)

  await fixture.simulation.advance(1)
  await fixture.add([{ key: 'd', value: '1' }])
  fixture.roll()
  await fixture.clean()
  assert.deepEqual(
    (await fixture.records()).map(({ key }) => key),
    ['b', 'c', 'd'],
  )
})

test('aborted records go at once, their marker once its horizon has passed', async () => {
  const fixture = await opened({ config: { 'delete.retention.ms': DAY_MS } })
  const producer = { producerId: 7, producerEpoch: 0, isTransactional: true }
  await fixture.add([{ key: 'a', value: 'kept' }])
  await fixture.add([{ key: 'a', value: 'aborted' }], { ...producer, baseSequence: 0 })
  fixture.append(markerBatch('abort', 7))
  await fixture.add([{ key: 'b', value: 'committed' }], { ...producer, baseSequence: 1 })
  fixture.append(markerBatch('commit', 7))
  await fixture.add([{ key: 'z', value: 'end' }])
  fixture.roll()
  await fixture.clean()
  const values = (await fixture.records()).map(({ value }) => value)
  assert.deepEqual(values, ['kept', 'committed', 'end'])
  assert.deepEqual(
    headersIn(await fixture.readAll()).map(({ baseOffset }) => baseOffset),
    [0, 2, 3, 4, 5],
  )
  assert.deepEqual(fixture.log.abortedTransactions(0, 6), [
    { producerId: 7, firstOffset: 1, lastOffset: 2, lastStableOffset: 3 },
  ])
  await fixture.simulation.advance(DAY_MS)
  for (const key of ['x', 'y']) {
    await fixture.add([{ key, value: '1' }])
    fixture.roll()
    await fixture.clean()
    await fixture.simulation.advance(DAY_MS)
  }
  const offsets = headersIn(await fixture.readAll()).map(({ baseOffset }) => baseOffset)
  assert.deepEqual(offsets, [0, 3, 4, 5, 6, 7])
})

test('nothing is touched from an open transaction on', async () => {
  const fixture = await opened()
  await fixture.add([{ key: 'a', value: '1' }])
  fixture.roll()
  const open = { producerId: 7, producerEpoch: 0, baseSequence: 0, isTransactional: true }
  await fixture.add([{ key: 'a', value: '2' }], open)
  fixture.roll()
  await fixture.add([{ key: 'a', value: '3' }])
  fixture.roll()
  const plan = fixture.log.planCleaning()
  assert.equal(plan?.firstUncleanableOffset, 1)
  await fixture.clean()
  assert.deepEqual(
    (await fixture.records()).map(({ value }) => value),
    ['1', '2', '3'],
  )
})

test('of a producer the last batch stays as a header without records', async () => {
  const fixture = await opened()
  const producer = { producerId: 7, producerEpoch: 3 }
  await fixture.add([{ key: 'a', value: '1' }], { ...producer, baseSequence: 0 })
  await fixture.add([{ key: 'a', value: '2' }], { ...producer, baseSequence: 1 })
  await fixture.add([{ key: 'a', value: '3' }])
  fixture.roll()
  await fixture.clean()
  const headers = headersIn(await fixture.readAll())
  assert.deepEqual(
    headers.map(({ baseOffset, recordCount }) => [baseOffset, recordCount]),
    [
      [1, 0],
      [2, 1],
    ],
  )
  assert.equal(headers[0]?.baseSequence, 1)
  await fixture.restart()
  const duplicate = fixture.append(
    keyedBatch([{ key: 'a', value: '2' }], { ...producer, baseSequence: 1 }),
  )
  assert.equal(duplicate.baseOffset, 1)
})

test('a map that is too small lets the log be compacted piece by piece', async () => {
  const fixture = await opened()
  for (let index = 0; index < 40; index++) {
    await fixture.add([{ key: `${index % 20}`, value: `${index}` }])
  }
  fixture.roll()
  const map = { bytes: 24 * 10, loadFactor: 0.9 }
  let rounds = 0
  for (; fixture.log.planCleaning()?.isDue; rounds++) await fixture.clean({ map })
  assert.ok(rounds > 3)
  assert.equal(fixture.log.cleanedTo, 40)
  const left = (await fixture.records()).map(({ offset }) => offset)
  assert.deepEqual(
    left,
    Array.from({ length: 20 }, (_, index) => 20 + index),
  )
})

test('a batch with more keys than the map takes cannot be compacted', async () => {
  const fixture = await opened()
  const records = Array.from({ length: 20 }, (_, index) => ({ key: `${index}`, value: 'x' }))
  await fixture.add(records)
  fixture.roll()
  const cleaning = fixture.clean({ map: { bytes: 24 * 10, loadFactor: 0.9 } })
  await assert.rejects(cleaning, { error: 'INVALID_RECORD' })
  assert.equal((await fixture.records()).length, 20)
  assert.ok(!fixture.files().some((name) => name.includes('cleaned')))
})

test('a reader inside of a segment that is replaced and removed reads on', async () => {
  const fixture = await opened({ tailCacheBytes: 0, config: { 'file.delete.delay.ms': 0 } })
  for (const value of ['1', '2', '3']) await fixture.add([{ key: 'a', value }])
  fixture.roll()
  await fixture.add([{ key: 'b', value: '4' }])
  const slow = fixture.disk.faults.add({ operation: 'read', path: /0\.log$/, delayMs: 60_000 })
  const { log } = fixture
  const range = { offset: 0, maxBytes: 1_000, upToOffset: 4, minOneBatch: true }
  const reading = Promise.resolve(log.read(range))
  await fixture.turn()
  slow()
  await fixture.clean()
  await fixture.simulation.advance(1_000)
  assert.ok(!fixture.files().some((name) => name.endsWith('.deleted')))
  const read = await fixture.settle(reading)
  assert.equal(read.firstBatchBaseOffset, 2)
  assert.equal(read.nextOffset, 3)
  read.release()
})

test('a checkpoint beyond the log does not make compacted what is appended next', async () => {
  const fixture = new KeyedLog()
  await fixture.open({ cleanedTo: 10 })
  assert.equal(fixture.log.cleanedTo, 0)
})
