import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BatchBuilder, type BatchOptions, type RecordInput } from '../records/builder.ts'
import { prepared } from '../replication/replication-fixtures-for-test.ts'
import { TestCoordinators } from './coordinator-fixtures-for-test.ts'
import { RECORDS_PER_TURN } from './load.ts'

type TestRecord = Omit<RecordInput, 'timestamp'>

/** A coordinator's partition with one batch for each of `batches`, not loaded yet. */
async function withLog(
  ...batches: readonly (readonly [readonly TestRecord[], BatchOptions?])[]
): Promise<TestCoordinators> {
  const on = await TestCoordinators.start()
  for (const [records, options] of batches) {
    const builder = new BatchBuilder(options)
    for (const record of records) builder.append({ ...record, timestamp: 1 })
    on.partition.appendAsCoordinator(prepared(builder.build()))
  }
  await on.turn()
  await on.stop()
  await on.start(false)
  return on
}

async function load(on: TestCoordinators): Promise<void> {
  on.runtime.update()
  await on.settle(on.runtime.loaded())
}

const one = (key: string, value: string | null = '1 '): readonly TestRecord[] => [{ key, value }]
const transaction = { producerId: 7, producerEpoch: 3, baseSequence: 0, isTransactional: true }
const marker = (type: number): TestRecord => {
  return { key: Uint8Array.of(0, 0, 0, type), value: Uint8Array.of(0, 0, 0, 0, 0, 0) }
}

test('the state is what all records up to the log end make, tombstones included', async () => {
  const on = await withLog([one('a')], [one('b')], [one('a', '4 ')], [one('b', null)], [one('c')])
  await load(on)
  assert.deepEqual(await on.counts(), { a: 5, c: 1 })
  const offsets = await on.settle(on.runtime.query(0, (counter) => counter.offsets))
  assert.deepEqual(offsets, [0, 1, 2, 3, 4])
})

test('records of a kind that nobody knows are passed by', async () => {
  const on = await withLog([one('unknown', 'nobody reads this')], [one('a')])
  await load(on)
  assert.deepEqual(await on.counts(), { a: 1 })
})

test('records of transactions come with their producer, and their ends in order', async () => {
  const control = { ...transaction, isControl: true, baseSequence: -1 }
  const on = await withLog(
    [one('a')],
    [one('b'), transaction],
    [[marker(1)], control],
    [one('c'), { ...transaction, baseSequence: 1 }],
    [[marker(0)], control],
  )
  await load(on)
  const [producers, ended] = Object(
    await on.settle(on.runtime.query(0, (counter) => [counter.producers, counter.ended])),
  )
  assert.deepEqual(producers, [undefined, 7, 7])
  assert.deepEqual(ended, [
    { producerId: 7, isCommitted: true, offset: 2 },
    { producerId: 7, isCommitted: false, offset: 4 },
  ])
})

test('control records that end no transaction are passed by', async () => {
  const control = { ...transaction, isControl: true, baseSequence: -1 }
  const on = await withLog([[marker(2)], control], [one('a')])
  await load(on)
  assert.deepEqual(await on.counts(), { a: 1 })
})

test('a log larger than the buffer is read piece by piece', async () => {
  const batches = Array.from({ length: 40 }, (_, index) => {
    return [one(`n${index}`, `1 ${'x'.repeat(5_000)}`)] as const
  })
  const on = await withLog(...batches)
  on.settings = { ...on.settings, loadBufferBytes: 12_000 }
  await load(on)
  assert.equal(Object.keys(Object(await on.counts())).length, 40)
})

test('a batch larger than the buffer is read nevertheless', async () => {
  const on = await withLog([one('a', `1 ${'x'.repeat(50_000)}`)], [one('b')])
  on.settings = { ...on.settings, loadBufferBytes: 1_000 }
  await load(on)
  assert.deepEqual(await on.counts(), { a: 1, b: 1 })
})

test('others get their turn while thousands of records are loaded', async () => {
  const records = Array.from({ length: 4 * RECORDS_PER_TURN }, (_, index) => one(`n${index}`)[0]!)
  const on = await withLog([records])
  let turns = 0
  const { timers } = on.host.environment()
  const tick = () => {
    if (on.runtime.partitions().length > 0) return
    turns += 1
    timers.afterTurn(tick)
  }
  on.runtime.update()
  tick()
  await on.settle(on.runtime.loaded())
  assert.ok(turns >= 4, `${turns} turns`)
})

test('a loss of the partition ends its load', async () => {
  const records = Array.from({ length: 4 * RECORDS_PER_TURN }, (_, index) => one(`n${index}`)[0]!)
  const on = await withLog([records])
  on.runtime.update()
  await on.turn()
  await on.update({ leader: 2, leaderEpoch: 1 })
  assert.equal(await on.counts(), 'NOT_COORDINATOR')
  await on.update({ leader: 1, leaderEpoch: 2 })
  assert.equal(Object.keys(Object(await on.counts())).length, records.length)
})

test('a record that cannot be read ends the load, and its offset is reported', async () => {
  const on = await withLog([one('a')], [[...one('b'), ...one('c', 'many')]], [one('d')])
  await load(on)
  assert.equal(await on.counts(), 'COORDINATOR_NOT_AVAILABLE')
  assert.equal(await on.ask({ type: 'add', name: 'a', amount: 1 }), 'COORDINATOR_NOT_AVAILABLE')
  assert.deepEqual(await on.settle(on.runtime.queryAll(() => 1)), [], 'it is left out')
  const [line] = on.logger.entries.filter(({ level }) => level === 'error')
  assert.match(line!.message, /could not be loaded/)
  assert.equal(line!.fields.partition, 't-0')
  assert.equal(line!.fields.offset, 2)
})

test('a batch that the disk has spoiled ends the load, and its offset is reported', async () => {
  const on = await withLog([one('a')], [one('b', `1 ${'x'.repeat(100)}`)], [one('c')])
  await on.stop()
  const { disk } = on.host
  const file = disk.open('/data/t-0/00000000000000000000.log', 'write')
  const bytes = new Uint8Array(file.sizeBytes())
  file.readSync(bytes, 0)
  const at = bytes.indexOf('x'.charCodeAt(0))
  file.writeSync([Uint8Array.of(0)], at)
  file.close()
  await on.start(false)
  await load(on)
  assert.equal(await on.counts(), 'COORDINATOR_NOT_AVAILABLE')
  const line = on.logger.entries.at(-1)
  assert.equal(line!.fields.offset, 1)
})

test('a disk that cannot be read ends the load with NOT_COORDINATOR', async () => {
  const on = await withLog([one('a')])
  on.host.disk.faults.add({ operation: 'read', path: /t-0.*log$/, code: 'EIO' })
  await load(on)
  assert.equal(await on.counts(), 'NOT_COORDINATOR')
})

test('what was just appended is loaded too', async () => {
  const on = await withLog([one('a')])
  const batch = new BatchBuilder().append({ key: 'b', value: '1 ', timestamp: 1 }).build()
  on.partition.appendAsCoordinator(prepared(batch))
  await load(on)
  assert.deepEqual(await on.counts(), { a: 1, b: 1 })
})
