import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type CountEvent, TestCoordinators } from './coordinator-fixtures-for-test.ts'
import type { RuntimeSettings } from './runtime.ts'

const add = (name: string, amount = 1): CountEvent => ({ type: 'add', name, amount })

test('events are decided in the order they came, each on what those before it wrote', async () => {
  const on = await TestCoordinators.start()
  const answers = [1, 2, 3].map((amount) => on.submit(add('a', amount)))
  assert.deepEqual(await on.settle(Promise.all(answers)), [
    { total: 1 },
    { total: 3 },
    { total: 6 },
  ])
})

/** How two events of one turn, and one of the next, are spread over batches. */
const lingering: readonly [lingerMs: number, batches: string[][]][] = [
  [-1, [['a', 'b'], ['c']]],
  [0, [['a'], ['b'], ['c']]],
  [20, [['a', 'b', 'c']]],
]
for (const [lingerMs, batches] of lingering) {
  test(`with a linger of ${lingerMs} ms batches are ${JSON.stringify(batches)}`, async () => {
    const on = await TestCoordinators.start({ settings: { lingerMs } })
    const answers = [on.submit(add('a')), on.submit(add('b'))]
    await on.turn()
    answers.push(on.submit(add('c')))
    await on.settle(Promise.all(answers))
    assert.deepEqual(await on.batches(), batches)
  })
}

test('a reply leaves when its record is as safe as the topic asks, not before', async () => {
  const on = await TestCoordinators.start({ topic: { 'flush.messages': '1' } })
  on.host.disk.faults.add({ operation: 'sync', delayMs: 70 })
  const startMs = on.simulation.elapsedMs
  await on.ask(add('a'))
  assert.ok(on.simulation.elapsedMs - startMs >= 70)
  assert.equal(on.partition.log.recoveryPoint, 1)
})

test('answers that write nothing, and what readers see, wait for what was written before', async () => {
  const on = await TestCoordinators.start({ topic: { 'flush.messages': '1' } })
  on.host.disk.faults.add({ operation: 'sync', delayMs: 70 })
  const told: string[] = []
  const note = (name: string, answer: Promise<unknown>) => answer.then(() => told.push(name))
  const ask = { type: 'ask', name: 'a' } as const
  await on.settle(note('asked before', on.submit(ask)))
  const answers = [
    note('added', on.submit(add('a'))),
    note('asked', on.submit(ask)),
    note(
      'read',
      on.runtime.query(0, ({ counts }) => counts.size),
    ),
  ]
  await on.simulation.advance(50)
  assert.deepEqual(told, ['asked before'])
  await on.settle(Promise.all(answers))
  assert.deepEqual(told, ['asked before', 'added', 'asked', 'read'])
})

test('a refused event changes nothing and reaches its caller alone', async () => {
  const on = await TestCoordinators.start()
  const answers = [on.ask(add('a')), on.ask({ type: 'refuse' }), on.ask(add('a'))]
  assert.deepEqual(await Promise.all(answers), [{ total: 1 }, 'INVALID_REQUEST', { total: 2 }])
  assert.deepEqual(await on.batches(), [['a', 'a']])
})

test('callers may be answered long after they asked', async () => {
  const on = await TestCoordinators.start()
  const waiting = [on.submit({ type: 'wait' }), on.submit({ type: 'wait' })]
  await on.simulation.advance(60_000)
  await on.ask({ type: 'release' })
  assert.deepEqual(await on.settle(Promise.all(waiting)), [{}, {}])
})

test('records of a transaction are in a batch of their own, that bears its producer', async () => {
  const on = await TestCoordinators.start()
  const producer = { producerId: 7, producerEpoch: 1 }
  await Promise.all([
    on.ask(add('a')),
    on.ask({ type: 'add', name: 'b', amount: 1, producer }),
    on.ask(add('c')),
  ])
  assert.deepEqual(await on.batches(), [['a'], ['b'], ['c']])
  const seen = await on.settle(on.runtime.query(0, ({ producers }) => producers))
  assert.deepEqual(seen, [undefined, 7, undefined])
})

test('compressed batches are loaded as plain ones are', async () => {
  for (const compression of ['gzip', 'snappy', 'lz4', 'zstd'] as const) {
    const on = await TestCoordinators.start({ settings: { compression } })
    await on.ask({ type: 'many', count: 50, ballastBytes: 100 })
    assert.ok(on.partition.log.sizeBytes < 5_000, compression)
    await on.stop()
    await on.start()
    assert.equal(Object.keys(Object(await on.counts())).length, 50, compression)
  }
})

/** [records of 1,000 bytes, batches they make; an error when they are refused] where a batch holds ten. */
const sizes: readonly [CountEvent['type'] & ('many' | 'each'), number, number | string][] = [
  ['many', 9, 1],
  ['many', 11, 'UNKNOWN_SERVER_ERROR'],
  ['each', 9, 1],
  ['each', 25, 3],
]
for (const [type, count, expected] of sizes) {
  test(`${count} records of an event that ${type === 'each' ? 'may' : 'may not'} be divided: ${expected}`, async () => {
    const on = await TestCoordinators.start({ settings: { maxBatchBytes: 10_500 } })
    const answer = await on.ask({ type, count, ballastBytes: 1_000 })
    if (typeof expected === 'string') {
      assert.equal(answer, expected)
      assert.deepEqual(await on.counts(), {})
    } else {
      assert.deepEqual(answer, {})
      assert.equal((await on.batches()).length, expected)
    }
  })
}

test('an event whose records do not fit behind others begins a new batch', async () => {
  const on = await TestCoordinators.start({ settings: { maxBatchBytes: 10_500 } })
  await Promise.all([
    on.ask({ type: 'many', count: 6, ballastBytes: 1_000 }),
    on.ask({ type: 'many', count: 6, ballastBytes: 1_000 }),
  ])
  assert.deepEqual(
    (await on.batches()).map(({ length }) => length),
    [6, 6],
  )
})

test('without enough replicas in sync nothing is changed and COORDINATOR_NOT_AVAILABLE answered', async () => {
  const on = await TestCoordinators.start()
  on.minIsr = 2
  await on.become({ replicas: [1, 2], isr: [1] })
  assert.equal(await on.ask(add('a')), 'COORDINATOR_NOT_AVAILABLE')
  assert.deepEqual(await on.counts(), {})
  assert.deepEqual(await on.ask({ type: 'ask', name: 'a' }), { total: 0 }, 'reading needs nobody')
})

test('a batch that cannot be appended after all leaves the machine as the log has it', async () => {
  const on = await TestCoordinators.start()
  await on.ask(add('a'))
  const answers = [on.ask(add('a')), on.ask({ type: 'wait' }), on.ask({ type: 'ask', name: 'a' })]
  on.minIsr = 2
  await on.become({ replicas: [1, 2], isr: [1] })
  for (const answer of answers) assert.equal(await answer, 'NOT_COORDINATOR')
  assert.deepEqual(await on.counts(), { a: 1 })
  on.minIsr = 1
  assert.deepEqual(await on.ask(add('a')), { total: 2 })
  assert.match(on.logger.entries.at(-1)!.message, /Loaded a coordinator/)
})

test('records that somebody else wrote into the partition are noticed and taken over', async () => {
  const on = await TestCoordinators.start()
  const answer = on.ask(add('a'))
  const intruder = on.submit(add('b'))
  const { BatchBuilder } = await import('../records/builder.ts')
  const foreign = new BatchBuilder().append({ key: 'f', value: '5 ', timestamp: 0 }).build()
  await on.partition.append(foreign, 0, 1_000)
  assert.equal(await answer, 'NOT_COORDINATOR')
  assert.equal(await on.settle(intruder), 'NOT_COORDINATOR')
  await on.settle(on.runtime.loaded())
  assert.deepEqual(await on.counts(), { f: 5, a: 1, b: 1 })
})

test('an answer whose record is not committed in time is COORDINATOR_NOT_AVAILABLE', async () => {
  const on = await TestCoordinators.start({ topic: { 'flush.messages': '1' } })
  on.host.disk.faults.add({ operation: 'sync', delayMs: 8_000 })
  const [first, second] = [on.submit(add('a')), on.submit({ type: 'ask', name: 'a' })]
  const startMs = on.simulation.elapsedMs
  assert.equal(await on.settle(first), 'COORDINATOR_NOT_AVAILABLE')
  assert.equal(await on.settle(second), 'COORDINATOR_NOT_AVAILABLE')
  assert.equal(on.simulation.elapsedMs - startMs, 5_000)
  await on.simulation.advance(10_000)
  assert.deepEqual(
    await on.ask({ type: 'ask', name: 'a' }),
    { total: 1 },
    'it is there all the same',
  )
})

test('a dead disk ends the coordinator with NOT_COORDINATOR', async () => {
  const on = await TestCoordinators.start()
  on.host.disk.faults.add({ operation: 'write', path: /t-0/, code: 'EIO' })
  const answers = [on.ask(add('a')), on.ask({ type: 'wait' })]
  for (const answer of answers) assert.equal(await answer, 'NOT_COORDINATOR')
  assert.equal(await on.ask(add('a')), 'NOT_COORDINATOR')
  assert.deepEqual(on.runtime.partitions(), [])
})

test('a partition is taken up when this broker leads it, and let go of when it does not', async () => {
  const on = await TestCoordinators.start()
  await on.ask(add('a'))
  const waiting = on.submit({ type: 'wait' })
  await on.ask({ type: 'timer', delayMs: 1_000, event: add('a', 10) })
  await on.update({ leader: 2, leaderEpoch: 1 })
  assert.equal(await on.settle(waiting), 'NOT_COORDINATOR')
  assert.equal(await on.ask(add('a')), 'NOT_COORDINATOR')
  await on.simulation.advance(2_000)
  await on.update({ leader: 1, leaderEpoch: 2 })
  assert.deepEqual(on.runtime.partitions(), [0])
  assert.deepEqual(await on.ask(add('a')), { total: 2 }, 'the timer is gone')
})

test('a new epoch of the same leader is loaded anew: others may have led in between', async () => {
  const on = await TestCoordinators.start()
  const waiting = on.submit({ type: 'wait' })
  await on.update({ leaderEpoch: 2 })
  assert.equal(await on.settle(waiting), 'NOT_COORDINATOR')
  await on.update({ leaderEpoch: 2 })
  assert.deepEqual(await on.ask(add('a')), { total: 1 })
})

test('what is not coordinated here is NOT_COORDINATOR, what is loading COORDINATOR_LOAD_IN_PROGRESS', async () => {
  const on = await TestCoordinators.start()
  assert.equal(await on.settle(on.runtime.submit(1, add('a'))), 'NOT_COORDINATOR')
  await on.stop()
  await on.start(false)
  assert.equal(await on.settle(on.runtime.submit(0, add('a'))), 'NOT_COORDINATOR')
  on.runtime.update()
  const answers = [on.submit(add('a')), on.runtime.query(0, () => 0), on.runtime.queryAll(() => 0)]
  for (const answer of answers) {
    await assert.rejects(answer, { error: 'COORDINATOR_LOAD_IN_PROGRESS' })
  }
  await on.settle(on.runtime.loaded())
  assert.deepEqual(await on.ask(add('a')), { total: 1 })
})

test('a stop answers who waits for the disk and refuses who waits for others', async () => {
  const on = await TestCoordinators.start({ topic: { 'flush.messages': '1' } })
  on.host.disk.faults.add({ operation: 'sync', delayMs: 70 })
  const added = on.submit(add('a'))
  const waiting = on.submit({ type: 'wait' })
  const { runtime } = on
  const closed = runtime.close()
  assert.equal(await on.settle(runtime.submit(0, add('a'))), 'COORDINATOR_NOT_AVAILABLE')
  assert.equal(await on.settle(waiting), 'NOT_COORDINATOR')
  assert.deepEqual(await on.settle(added), { total: 1 })
  await on.settle(closed)
  await on.stop()
  await on.start()
  assert.deepEqual(await on.counts(), { a: 1 })
})

test('a timer decides its event when it is due, in place of the one before it', async () => {
  const on = await TestCoordinators.start()
  const timer = (delayMs: number, amount: number): CountEvent => {
    return { type: 'timer', delayMs, event: add('a', amount) }
  }
  await on.ask(timer(1_000, 1))
  await on.simulation.advance(500)
  await on.ask(timer(1_000, 10)) // later than the first
  await on.simulation.advance(900)
  assert.deepEqual(await on.counts(), {})
  await on.simulation.advance(100)
  assert.deepEqual(await on.counts(), { a: 10 })
  await on.ask(timer(1_000, 100))
  await on.ask(timer(200, 1_000)) // earlier
  await on.simulation.advance(2_000)
  assert.deepEqual(await on.counts(), { a: 1_010 })
  await on.ask(timer(1_000, 1))
  await on.ask({ type: 'cancel' })
  await on.simulation.advance(2_000)
  assert.deepEqual(await on.counts(), { a: 1_010 })
})

test('a timer that shall not replace another does so only when there is none', async () => {
  const on = await TestCoordinators.start()
  const timer = (delayMs: number, amount: number): CountEvent => {
    return { type: 'timer', delayMs, event: add('a', amount), unlessRunning: true }
  }
  await on.ask(timer(1_000, 1))
  await on.ask(timer(200, 10))
  await on.simulation.advance(2_000)
  assert.deepEqual(await on.counts(), { a: 1 })
  await on.ask(timer(200, 10))
  await on.simulation.advance(2_000)
  assert.deepEqual(await on.counts(), { a: 11 })
})

test('what a timer brings is put off while it cannot be written', async () => {
  const on = await TestCoordinators.start()
  await on.ask({ type: 'timer', delayMs: 1_000, event: add('a') })
  on.runtime.happened(add('b'))
  await on.turn()
  on.minIsr = 2
  await on.become({ replicas: [1, 2], isr: [1] })
  on.runtime.happened(add('c'))
  await on.simulation.advance(5_000)
  assert.deepEqual(await on.counts(), { b: 1 })
  on.minIsr = 1
  await on.simulation.advance(1_000)
  assert.deepEqual(await on.counts(), { a: 1, b: 1, c: 1 })
})

test('a timer whose event the machine refuses is over', async () => {
  const on = await TestCoordinators.start()
  await on.ask({ type: 'timer', delayMs: 1_000, event: { type: 'refuse' } })
  await on.simulation.advance(10_000)
  const lines = on.logger.entries.filter(({ message }) => message.includes('was due'))
  assert.equal(lines.length, 1)
})

test('settings count from the next event on', async () => {
  const on = await TestCoordinators.start()
  const change = (settings: Partial<RuntimeSettings>) => {
    on.settings = { ...on.settings, ...settings }
  }
  change({ lingerMs: 0 })
  await Promise.all([on.ask(add('a')), on.ask(add('b'))])
  change({ lingerMs: -1 })
  await Promise.all([on.ask(add('c')), on.ask(add('d'))])
  assert.deepEqual(await on.batches(), [['a'], ['b'], ['c', 'd']])
})
