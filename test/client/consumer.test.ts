/** What a consumer reads of a whole broker on a simulated network: positions, fetches and their
 *  errors, without a group. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestBroker } from '../../src/broker/broker-fixtures-for-test.ts'
import { OffsetError } from '../../src/client/consumer/offset-error.ts'
import { positionOf } from '../../src/client/consumer/position.ts'
import { Reader } from './consumer-reader.ts'

const T0 = { topic: 't', partition: 0 }
const EARLIEST = { 'auto.offset.reset': 'earliest' }

async function brokerWith(values: readonly string[]): Promise<TestBroker> {
  const test = await TestBroker.start()
  await test.createTopic('t', { partitions: 2 })
  if (values.length > 0) await test.produce('t', values)
  return test
}

test('a reader begins at the earliest record, and goes on with what comes', async () => {
  const test = await brokerWith(['a', 'b'])
  const reader = new Reader(test, EARLIEST)
  reader.assignment.replace([T0])
  assert.deepEqual(await reader.take(), ['a', 'b'])
  await test.produce('t', ['c'])
  assert.deepEqual(await reader.take(), ['c'])
  assert.deepEqual(await reader.take(), [])
  await reader.close()
})

test('a reader that begins at the latest record is given only what comes', async () => {
  const test = await brokerWith(['old'])
  const reader = new Reader(test)
  reader.assignment.replace([T0])
  assert.deepEqual(await reader.take(), [])
  await test.produce('t', ['new'])
  assert.deepEqual(await reader.take(), ['new'])
  await reader.close()
})

test('a seek drops what was prefetched, and a pause keeps it', async () => {
  const test = await brokerWith(['a', 'b', 'c', 'd'])
  const reader = new Reader(test, EARLIEST)
  reader.assignment.replace([T0])
  assert.deepEqual(await reader.take(2), ['a', 'b'])
  reader.assignment.pause(T0)
  const waiting = reader.fetcher.waitingBytes
  assert.ok(waiting > 0)
  assert.deepEqual(await reader.take(2), [])
  assert.equal(reader.fetcher.waitingBytes, waiting)
  reader.assignment.resume(T0)
  assert.deepEqual(await reader.take(1), ['c'])
  reader.assignment.seek(T0, 1)
  assert.deepEqual(await reader.take(), ['b', 'c', 'd'])
  await reader.close()
})

test('an offset outside the log leads where auto.offset.reset says, or is told', async () => {
  const test = await brokerWith(['a'])
  const reader = new Reader(test, EARLIEST)
  reader.assignment.replace([T0])
  reader.assignment.seek(T0, 99)
  assert.deepEqual(await reader.take(), ['a'])
  const strict = new Reader(test, { 'auto.offset.reset': 'none' })
  strict.assignment.replace([T0])
  strict.assignment.seek(T0, 99)
  await assert.rejects(strict.take(), (error: unknown) => {
    assert.ok(error instanceof OffsetError)
    assert.deepEqual(error.reason, { type: 'out-of-range', offset: 99 })
    return true
  })
  strict.assignment.seek(T0, 0)
  assert.deepEqual(await strict.take(), ['a'])
  strict.fetcher.close()
  strict.cluster.close()
  await reader.close()
})

test('a reader goes on after its broker was gone, and validates its position', async () => {
  const test = await brokerWith(['a'])
  const reader = new Reader(test, EARLIEST)
  reader.assignment.replace([T0])
  assert.deepEqual(await reader.take(), ['a'])
  await test.stop()
  assert.deepEqual(await reader.take(), [])
  await test.start()
  await test.produce('t', ['b'])
  assert.deepEqual(await reader.take(500, 60_000), ['b'])
  const position = positionOf(reader.assignment.require(T0).state)
  assert.equal(position?.offset, 2)
  assert.ok(position !== undefined && position.leader.leaderEpoch >= position.offsetEpoch)
  await reader.close()
})

test('no more than fetch.max.bytes wait, and everything comes in order', async () => {
  const test = await brokerWith([])
  const all = Array.from({ length: 40 }, (_, n) => `${n} ${'x'.repeat(1_000)}`)
  for (const value of all) await test.produce('t', [value])
  const limits = { 'fetch.max.bytes': '8000', 'max.partition.fetch.bytes': '3000' }
  const reader = new Reader(test, { ...EARLIEST, ...limits })
  reader.assignment.replace([T0])
  const read: string[] = []
  while (read.length < all.length) {
    const values = await reader.take(1)
    assert.ok(values.length > 0)
    read.push(...values)
    await test.advance(20)
    assert.ok(reader.fetcher.waitingBytes <= 8_000, `${reader.fetcher.waitingBytes} wait`)
  }
  assert.deepEqual(read, all)
  await reader.close()
})

test('partitions take turns', async () => {
  const test = await brokerWith(['a', 'b'])
  await test.produce('t', ['c', 'd'], { partition: 1 })
  const reader = new Reader(test, EARLIEST)
  reader.assignment.replace([T0, { topic: 't', partition: 1 }])
  await reader.take(1)
  await test.advance(1_000)
  const order: string[] = []
  for (let n = 0; n < 3; n++) order.push(...(await reader.take(1)))
  const isFromFirst = order.map((value) => value < 'c')
  assert.notEqual(isFromFirst[0], isFromFirst[1], `${order}`)
  assert.notEqual(isFromFirst[1], isFromFirst[2], `${order}`)
  await reader.close()
})

test('nothing is given out of a partition that was taken away', async () => {
  const test = await brokerWith(['a', 'b'])
  const reader = new Reader(test, EARLIEST)
  reader.assignment.replace([T0])
  assert.deepEqual(await reader.take(1), ['a'])
  reader.assignment.replace([])
  assert.deepEqual(await reader.take(1), [])
  await reader.close()
})

test('a call that waits ends when its signal fires', async () => {
  const test = await brokerWith([])
  const reader = new Reader(test, EARLIEST)
  reader.assignment.replace([T0])
  const stop = new AbortController()
  const taken = reader.fetcher.take(1, reader.cluster.deadline(60_000), stop.signal)
  stop.abort(new Error('wakeup'))
  await assert.rejects(test.simulation.until(taken), /wakeup/)
  await reader.close()
})

test('by_duration begins at the first record that is young enough', async () => {
  const test = await brokerWith([])
  const nowMs = test.host.environment().clock.now()
  await test.produce('t', ['old'], { timestamp: nowMs - 7_200_000 })
  await test.produce('t', ['young'], { timestamp: nowMs - 60_000 })
  const reader = new Reader(test, { 'auto.offset.reset': 'by_duration:PT1H' })
  reader.assignment.replace([T0])
  assert.deepEqual(await reader.take(), ['young'])
  await reader.close()
})

test('a reader of a group begins where it committed, and a commit may hold a text', async () => {
  const test = await brokerWith(['a', 'b', 'c'])
  const reader = new Reader(test, EARLIEST, 'g')
  const options = () => ({ deadlineMs: reader.cluster.deadline(30_000) })
  const { simulation } = test
  assert.equal((await simulation.until(reader.offsets.committed([T0], options()))).size, 0)
  const commit = { ...T0, offset: 2, leaderEpoch: 0, metadata: 'half' }
  await simulation.until(reader.offsets.commit([commit], options()))
  const found = await simulation.until(reader.offsets.committed([T0], options()))
  assert.deepEqual([...found], [['t-0', { offset: 2, leaderEpoch: 0, metadata: 'half' }]])
  reader.assignment.replace([T0])
  assert.deepEqual(await reader.take(), ['c'])
  await reader.close()
})

test('a commit of who is no member of a group that has none is told', async () => {
  const test = await brokerWith([])
  const reader = new Reader(test, {}, 'g')
  const options = { deadlineMs: reader.cluster.deadline(30_000) }
  const stranger = { memberId: 'm', epoch: 3, groupInstanceId: null }
  const committed = reader.offsets.commit([{ ...T0, offset: 1 }], options, stranger)
  await assert.rejects(
    test.simulation.until(committed),
    /t-0, OffsetCommit v9 .*: GROUP_ID_NOT_FOUND:/,
  )
  await reader.close()
})

test('a commit goes on to the coordinator that is there after the broker was gone', async () => {
  const test = await brokerWith([])
  const reader = new Reader(test, {}, 'g')
  const options = () => ({ deadlineMs: reader.cluster.deadline(120_000) })
  await test.simulation.until(reader.offsets.commit([{ ...T0, offset: 1 }], options()))
  await test.stop()
  const committed = reader.offsets.commit([{ ...T0, offset: 2 }], options())
  await test.advance(3_000)
  await test.start()
  await test.simulation.until(committed)
  const found = await test.simulation.until(reader.offsets.committed([T0], options()))
  assert.equal(found.get('t-0')?.offset, 2)
  await reader.close()
})
