import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EndMarker } from '../records/end-marker.ts'
import { type CountEvent, TestCoordinators } from './coordinator-fixtures-for-test.ts'

const producer = { producerId: 7, producerEpoch: 3 }
const marker: EndMarker = {
  producerId: 7,
  producerEpoch: 4,
  isCommitted: true,
  coordinatorEpoch: 0,
  transactionVersion: 2,
}
const add = (name: string): CountEvent => ({ type: 'add', name, amount: 1 })
const ofTransaction: CountEvent = { type: 'add', name: 'a', amount: 1, producer }

const end = (on: TestCoordinators, change: Partial<EndMarker> = {}) =>
  on.settle(on.runtime.endTransaction(0, { ...marker, ...change }))
const ended = (on: TestCoordinators) => on.settle(on.runtime.query(0, (machine) => machine.ended))

test('the end of a transaction comes behind everything decided before it, and the machine takes it over', async () => {
  const on = await TestCoordinators.start()
  await on.ask(ofTransaction)
  on.submit(add('b'))
  assert.equal(await end(on), undefined)
  assert.deepEqual(await ended(on), [{ producerId: 7, isCommitted: true, offset: 2 }])
  assert.equal(on.partition.lastStableOffset, 3)
  assert.deepEqual(await on.ask(add('b')), { total: 2 })
})

test('a coordinator that comes after takes the same end over from the log', async () => {
  const on = await TestCoordinators.start()
  await on.ask(ofTransaction)
  await end(on, { isCommitted: false })
  await on.stop()
  await on.start()
  assert.deepEqual(await ended(on), [{ producerId: 7, isCommitted: false, offset: 1 }])
})

test('an end is answered when it is as safe as the topic asks, not before', async () => {
  const on = await TestCoordinators.start({ topic: { 'flush.messages': '1' } })
  await on.ask(ofTransaction)
  on.host.disk.faults.add({ operation: 'sync', delayMs: 70 })
  const startMs = on.simulation.elapsedMs
  await end(on)
  assert.ok(on.simulation.elapsedMs - startMs >= 70)
})

const refused: readonly [string, Partial<EndMarker>, string][] = [
  ['of an older epoch', { producerEpoch: 2 }, 'INVALID_PRODUCER_EPOCH'],
  ['of the epoch that is open', { producerEpoch: 3 }, 'INVALID_PRODUCER_EPOCH'],
]
for (const [what, change, error] of refused) {
  test(`an end ${what} is refused, and the machine goes on`, async () => {
    const on = await TestCoordinators.start()
    await on.ask(ofTransaction)
    assert.equal(await end(on, change), error)
    assert.deepEqual(await ended(on), [])
    assert.deepEqual(await on.ask(add('b')), { total: 1 })
    assert.equal(await end(on), undefined)
  })
}

test('an end waits for the coordinator to be loaded, by coming again', async () => {
  const on = await TestCoordinators.start()
  await on.stop()
  await on.start(false)
  assert.equal(await end(on), 'NOT_COORDINATOR')
})

test('without enough replicas nothing is ended', async () => {
  const on = await TestCoordinators.start()
  await on.ask(ofTransaction)
  on.minIsr = 2
  await on.become({ replicas: [1, 2], isr: [1] })
  assert.equal(await end(on), 'COORDINATOR_NOT_AVAILABLE')
  assert.deepEqual(await ended(on), [])
  on.minIsr = 1
  assert.equal(await end(on), undefined)
})

test('records of a fenced producer are refused, and the machine goes on', async () => {
  const on = await TestCoordinators.start()
  await on.ask(ofTransaction)
  await end(on, { producerEpoch: 5 })
  assert.equal(await on.ask(ofTransaction), 'INVALID_PRODUCER_EPOCH')
  assert.deepEqual(await on.ask({ type: 'ask', name: 'a' }), { total: 1 })
  const loads = on.logger.entries.filter(({ message }) => /loaded anew/.test(message))
  assert.equal(loads.length, 0)
})
