import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KafkaError } from '../protocol/errors.ts'
import type { EndMarker } from '../records/end-marker.ts'
import type { Partition } from './partition.ts'
import { batchOf, TestPartitions } from './replication-fixtures-for-test.ts'

const PRODUCER_ID = 7

const marker: EndMarker = {
  producerId: PRODUCER_ID,
  producerEpoch: 4,
  isCommitted: true,
  coordinatorEpoch: 2,
  transactionVersion: 2,
}

/** A partition with two records of an open transaction in epoch 3. */
async function withOpenTransaction() {
  const t = await TestPartitions.open()
  const partition = await t.partition()
  await t.settle(partition.append(transactional(0), -1, 1_000))
  const end = (change: Partial<EndMarker> = {}) =>
    t.settle(partition.endTransaction({ ...marker, ...change }, 1_000).catch(nameOf))
  return { t, partition, end }
}

function transactional(baseSequence: number, producerEpoch = 3): Uint8Array {
  const options = { producerId: PRODUCER_ID, producerEpoch, baseSequence, isTransactional: true }
  return batchOf(['a', 'b'], options)
}

function nameOf(error: unknown): string {
  if (error instanceof KafkaError) return error.error
  throw error
}

const aborted = (partition: Partition) =>
  [...partition.log.abortedTransactions(0, partition.log.logEndOffset)].map(
    ({ producerId, firstOffset }) => ({ producerId, firstOffset }),
  )

test('records of an open transaction are behind the last stable offset, and before it when it ends', async () => {
  const { partition, end } = await withOpenTransaction()
  assert.equal(partition.lastStableOffset, 0)
  assert.equal(await end(), undefined)
  assert.equal(partition.lastStableOffset, 3)
  assert.deepEqual(aborted(partition), [])
})

test('an aborted transaction is known to readers', async () => {
  const { partition, end } = await withOpenTransaction()
  await end({ isCommitted: false })
  assert.equal(partition.lastStableOffset, 3)
  assert.deepEqual(aborted(partition), [{ producerId: PRODUCER_ID, firstOffset: 0 }])
})

const refused: readonly [string, Partial<EndMarker>, string][] = [
  ['of the epoch of its batches', { producerEpoch: 3 }, 'INVALID_PRODUCER_EPOCH'],
  ['of an older epoch', { producerEpoch: 2, transactionVersion: 0 }, 'INVALID_PRODUCER_EPOCH'],
]
for (const [what, change, error] of refused) {
  test(`a marker ${what} is refused, and the transaction stays open`, async () => {
    const { partition, end } = await withOpenTransaction()
    assert.equal(await end(change), error)
    assert.equal(partition.lastStableOffset, 0)
  })
}

test('a marker of version 0 has the epoch of the batches', async () => {
  const { partition, end } = await withOpenTransaction()
  assert.equal(await end({ producerEpoch: 3, transactionVersion: 0 }), undefined)
  assert.equal(partition.lastStableOffset, 3)
})

test('a marker of an older coordinator does not end what began after a newer one wrote here', async () => {
  const { t, partition, end } = await withOpenTransaction()
  await end({ producerEpoch: 3, transactionVersion: 0 })
  await t.settle(partition.append(transactional(2), -1, 1_000))
  const late = { producerEpoch: 3, transactionVersion: 0, coordinatorEpoch: 1 }
  assert.equal(await end(late), 'TRANSACTION_COORDINATOR_FENCED')
  assert.equal(partition.lastStableOffset, 3)
})

test('a marker of version 2 that comes again does not end the next transaction', async () => {
  const { t, partition, end } = await withOpenTransaction()
  await end()
  assert.equal(await end(), undefined)
  await t.settle(partition.append(transactional(0, 4), -1, 1_000))
  const openSince = partition.lastStableOffset
  assert.equal(await end(), 'INVALID_PRODUCER_EPOCH')
  assert.equal(partition.lastStableOffset, openSince)
})

test('a producer is fenced by the epoch of the marker', async () => {
  const { t, partition, end } = await withOpenTransaction()
  await end()
  const late = partition.append(transactional(2), -1, 1_000).catch(nameOf)
  assert.equal(await t.settle(late), 'INVALID_PRODUCER_EPOCH')
})
