import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ErrorName, KafkaError } from '../protocol/errors.ts'
import { recordsOf } from '../records/records.ts'
import type { Partition, PartitionWaiter } from './partition.ts'
import { batchOf, prepared, TestPartitions } from './replication-fixtures-for-test.ts'

const ofError = (name: ErrorName) => (error: unknown) =>
  error instanceof KafkaError && error.error === name

/** The values of all records, in order. */
async function valuesIn(t: TestPartitions, partition: Partition): Promise<string[]> {
  const values: string[] = []
  for (let offset = partition.log.logStartOffset; offset < partition.log.logEndOffset; ) {
    const options = { offset, maxBytes: 1, minOneBatch: true, isolation: 'log-end' } as const
    const read = await t.settle(partition.read(options))
    const [bytes] = read.chunks
    for (const { value } of recordsOf(bytes!, 0, 1_000_000))
      values.push(Buffer.from(value ?? []).toString())
    offset = read.nextOffset
    read.release()
  }
  return values
}

for (const acks of [0, 1, -1]) {
  test(`with acks ${acks} an append is answered once it is written, not before`, async () => {
    const t = await TestPartitions.open()
    const partition = await t.partition()
    let answered = false
    const appending = partition.append(batchOf(['a', 'b']), acks, 1_000).then((outcome) => {
      answered = true
      return outcome
    })
    await Promise.resolve()
    assert.ok(!answered)
    assert.equal(partition.highWatermark, 0)
    assert.deepEqual(await t.settle(appending), {
      baseOffset: 0,
      logAppendTimeMs: -1,
      logStartOffset: 0,
    })
    assert.equal(partition.highWatermark, 2)
  })
}

test('with flush.messages=1 an append is answered once it is synced', async () => {
  const t = await TestPartitions.open()
  t.overrides = { 'flush.messages': '1' }
  const partition = await t.partition()
  t.host.disk.faults.add({ operation: 'sync', delayMs: 50 })
  const beginMs = t.simulation.elapsedMs
  await t.append(partition, ['a'])
  assert.ok(t.simulation.elapsedMs - beginMs >= 50)
})

test('batches keep their order when some need time to be prepared and others do not', async () => {
  const t = await TestPartitions.open()
  const partition = await t.partition()
  const slow = (ms: number) =>
    new Promise<void>((resolve) => {
      t.environment.timers.at(t.environment.clock.monotonic() + ms, resolve)
    })
  const delays = [0, 30, 0, 10, 0, 0, 20]
  let next = 0
  t.prepare = (_topic, bytes) => {
    const ms = delays[next++]!
    return ms === 0 ? prepared(bytes) : slow(ms).then(() => prepared(bytes))
  }
  const values = delays.map((_, index) => String(index))
  const appends = values.map((value) => partition.append(batchOf([value]), -1, 1_000))
  const outcomes = await t.settle(Promise.all(appends))
  assert.deepEqual(
    outcomes.map(({ baseOffset }) => baseOffset),
    [0, 1, 2, 3, 4, 5, 6],
  )
  assert.deepEqual(await valuesIn(t, partition), values)
})

test('a batch that is refused while it is prepared does not hold up those behind it', async () => {
  const t = await TestPartitions.open()
  const partition = await t.partition()
  t.prepare = (_topic, bytes) => {
    if (bytes.length > 200) return Promise.reject(new KafkaError('MESSAGE_TOO_LARGE'))
    return prepared(bytes)
  }
  const refused = partition.append(batchOf(['x'.repeat(300)]), -1, 1_000)
  const accepted = partition.append(batchOf(['a']), -1, 1_000)
  await assert.rejects(t.settle(refused), ofError('MESSAGE_TOO_LARGE'))
  assert.equal((await t.settle(accepted)).baseOffset, 0)
})

test('a batch whose partition lost its leader while it was prepared is not appended', async () => {
  const t = await TestPartitions.open()
  const partition = await t.partition()
  const { promise, resolve } = Promise.withResolvers<void>()
  t.prepare = (_topic, bytes) => promise.then(() => prepared(bytes))
  const appending = partition.append(batchOf(['a']), 1, 1_000)
  await t.partition({ leader: 2, leaderEpoch: 1, replicas: [2, 1], isr: [2, 1] })
  resolve()
  await assert.rejects(t.settle(appending), ofError('NOT_LEADER_OR_FOLLOWER'))
  assert.equal(partition.log.logEndOffset, 0)
})

test('acks -1 needs min.insync.replicas, as far as there are replicas; other acks do not', async () => {
  const t = await TestPartitions.open()
  t.minIsr = 2
  const partition = await t.partition({ replicas: [1, 2], isr: [1] })
  await assert.rejects(t.append(partition, ['a']), ofError('NOT_ENOUGH_REPLICAS'))
  assert.equal(partition.log.logEndOffset, 0)
  await t.append(partition, ['a'], 1)
  assert.equal(partition.log.logEndOffset, 1)
  assert.equal(partition.highWatermark, 0, 'it does not move below the minimum')
  await t.partition({ replicas: [1], isr: [1] })
  assert.equal((await t.append(partition, ['b'])).baseOffset, 1)
})

test('a coordinator’s batch has its place at once, and is committed when the high watermark says', async () => {
  const t = await TestPartitions.open()
  const partition = await t.partition()
  await t.append(partition, ['a'])
  const told: number[] = []
  partition.waiters.add({ notify: ({ highWatermark }) => told.push(highWatermark) })
  const { baseOffset, lastOffset } = partition.appendAsCoordinator(prepared(batchOf(['b', 'c'])))
  assert.deepEqual([baseOffset, lastOffset, partition.highWatermark], [1, 2, 1])
  await t.turn()
  assert.deepEqual(told, [3])
  assert.deepEqual(await valuesIn(t, partition), ['a', 'b', 'c'])
})

test('a coordinator is told beforehand that it could not append, and why', async () => {
  const t = await TestPartitions.open()
  t.minIsr = 2
  const partition = await t.partition({ replicas: [1, 2] })
  const check = () => partition.checkMayAppend(-1)
  assert.throws(check, ofError('NOT_ENOUGH_REPLICAS'))
  const append = () => partition.appendAsCoordinator(prepared(batchOf(['a'])))
  assert.throws(append, ofError('NOT_ENOUGH_REPLICAS'))
  await t.partition({ replicas: [1, 2], isr: [1, 2] })
  check()
  await t.partition({ replicas: [1, 2], isr: [1, 2], leader: 2 })
  assert.throws(check, ofError('NOT_LEADER_OR_FOLLOWER'))
  partition.failed(new Error('the disk is dead'))
  assert.throws(check, ofError('KAFKA_STORAGE_ERROR'))
  assert.ok(ofError('KAFKA_STORAGE_ERROR')(partition.failure))
})

test('an answer with acks -1 that cannot be had in time is REQUEST_TIMED_OUT', async () => {
  const t = await TestPartitions.open()
  const partition = await t.partition({ replicas: [1, 2], isr: [1] })
  const appending = partition.append(batchOf(['a']), -1, 500)
  t.minIsr = 2
  const beginMs = t.simulation.elapsedMs
  await assert.rejects(t.settle(appending), ofError('REQUEST_TIMED_OUT'))
  const waitedMs = t.simulation.elapsedMs - beginMs
  assert.ok(waitedMs >= 500 && waitedMs < 1_000, `${waitedMs} ms`)
})

test('a failed log refuses what waits, and everything after it', async () => {
  const t = await TestPartitions.open()
  const partition = await t.partition()
  t.host.disk.faults.add({ operation: 'write', path: /t-0/, code: 'EIO' })
  const waiting = partition.append(batchOf(['a']), -1, 1_000)
  await assert.rejects(t.settle(waiting), ofError('KAFKA_STORAGE_ERROR'))
  await assert.rejects(t.append(partition, ['b']), ofError('KAFKA_STORAGE_ERROR'))
  assert.throws(
    () => partition.read({ offset: 0, maxBytes: 1, minOneBatch: true, isolation: 'log-end' }),
    ofError('KAFKA_STORAGE_ERROR'),
  )
})

test('a leader that is no longer refuses what waits for replicas', async () => {
  const t = await TestPartitions.open()
  const partition = await t.partition({ replicas: [1, 2], isr: [1] })
  const waiting = partition.append(batchOf(['a']), -1, 60_000)
  const refused = assert.rejects(waiting, ofError('NOT_LEADER_OR_FOLLOWER'))
  t.minIsr = 2
  await t.turn()
  await t.partition({ leader: 2, leaderEpoch: 1, replicas: [1, 2], isr: [2] })
  await refused
})

test('what a request believes of the leader is compared with what is', async () => {
  const t = await TestPartitions.open()
  const partition = await t.partition({ leaderEpoch: 5 })
  partition.checkLeader(-1)
  partition.checkLeader(5)
  assert.throws(() => partition.checkLeader(4), ofError('FENCED_LEADER_EPOCH'))
  assert.throws(() => partition.checkLeader(6), ofError('UNKNOWN_LEADER_EPOCH'))
  await t.partition({ leader: 2, leaderEpoch: 6, replicas: [2, 1] })
  assert.throws(() => partition.checkLeader(6), ofError('NOT_LEADER_OR_FOLLOWER'))
  assert.throws(() => partition.checkLeader(-1), ofError('NOT_LEADER_OR_FOLLOWER'))
})

test('an epoch ends where the next begins; that of the leader at the log end', async () => {
  const t = await TestPartitions.open()
  const partition = await t.partition({ leaderEpoch: 2 })
  assert.deepEqual(partition.endOfEpoch(2), { epoch: 2, endOffset: 0 }, 'without records')
  assert.deepEqual(partition.endOfEpoch(1), { epoch: 1, endOffset: 0 }, 'before all')
  assert.equal(partition.endOfEpoch(3), undefined)
  await t.append(partition, ['a', 'b'])
  await t.partition({ leaderEpoch: 5 })
  assert.deepEqual(partition.endOfEpoch(2), { epoch: 2, endOffset: 2 })
  assert.deepEqual(partition.endOfEpoch(4), { epoch: 2, endOffset: 2 }, 'nobody wrote in it')
  assert.deepEqual(partition.endOfEpoch(5), { epoch: 5, endOffset: 2 })
  await t.append(partition, ['c'])
  assert.deepEqual(partition.endOfEpoch(4), { epoch: 2, endOffset: 2 })
  assert.deepEqual(partition.endOfEpoch(5), { epoch: 5, endOffset: 3 })
  assert.equal(partition.endOfEpoch(6), undefined)
  assert.equal(partition.endOfEpoch(-1), undefined)
})

test('the epoch of an offset is that of its record, at the log end the leader’s', async () => {
  const t = await TestPartitions.open()
  const partition = await t.partition({ leaderEpoch: 2 })
  assert.equal(partition.epochAt(0), 2)
  await t.append(partition, ['a'])
  await t.partition({ leaderEpoch: 3 })
  assert.equal(partition.epochAt(0), 2)
  assert.equal(partition.epochAt(1), 3)
})

const deletions: readonly (readonly [offset: number, start: number | ErrorName])[] = [
  [0, 0],
  [2, 2],
  [3, 3],
  [-1, 3],
  [4, 'OFFSET_OUT_OF_RANGE'],
  [-2, 'OFFSET_OUT_OF_RANGE'],
]
for (const [offset, expected] of deletions) {
  test(`records before ${offset} of three are deleted: ${expected}`, async () => {
    const t = await TestPartitions.open()
    const partition = await t.partition()
    await t.append(partition, ['a', 'b', 'c'])
    if (typeof expected === 'number') {
      assert.equal(partition.deleteRecordsBefore(offset), expected)
      assert.equal(partition.log.logStartOffset, expected)
    } else assert.throws(() => partition.deleteRecordsBefore(offset), ofError(expected))
  })
}

test('those who wait hear of records, of a moved log start and of the end', async () => {
  const t = await TestPartitions.open()
  const partition = await t.partition()
  const heard: number[] = []
  const waiter: PartitionWaiter = { notify: () => heard.push(partition.highWatermark) }
  partition.waiters.add(waiter)
  await t.append(partition, ['a', 'b'])
  assert.deepEqual(heard, [2])
  partition.deleteRecordsBefore(1)
  assert.equal(heard.length, 2)
  partition.close(new KafkaError('UNKNOWN_TOPIC_OR_PARTITION'))
  assert.equal(heard.length, 3)
})

test('a reader sees what its isolation allows', async () => {
  const t = await TestPartitions.open()
  const partition = await t.partition()
  const identity = { producerId: 9, producerEpoch: 0, baseSequence: 0, isTransactional: true }
  await t.append(partition, ['a'])
  await t.settle(partition.append(batchOf(['open'], identity), -1, 1_000))
  await t.append(partition, ['b'])
  assert.equal(partition.endFor('read-committed'), 1, 'the first record of an open transaction')
  assert.equal(partition.lastStableOffset, 1)
  assert.equal(partition.endFor('read-uncommitted'), 3)
  void partition.append(batchOf(['c']), 1, 1_000)
  assert.equal(partition.endFor('log-end'), 4)
  assert.equal(partition.endFor('read-uncommitted'), 3)
  await t.turn()
  assert.equal(partition.endFor('read-uncommitted'), 4)
})
