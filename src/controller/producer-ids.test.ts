import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silentLogger } from '../kernel/logger.ts'
import { MetadataStore } from '../metadata/metadata-store.ts'
import { clusterOf } from './controller-fixtures-for-test.ts'
import { decideProducerIdBlock, decideProducerIdFloor, PRODUCER_ID_BLOCK } from './producer-ids.ts'

test('brokers that take blocks at once get different ones', async () => {
  const { coordination, environment, store } = await clusterOf(1)
  const other = await MetadataStore.open(coordination, environment, silentLogger)
  const takers = [store, other, store, other, store]
  const blocks = await Promise.all(takers.map((taker) => taker.commit(decideProducerIdBlock)))
  assert.deepEqual(
    blocks.toSorted((a, b) => a - b),
    [0, 1, 2, 3, 4].map((block) => block * PRODUCER_ID_BLOCK),
  )
  await store.close()
  await other.close()
})

for (const [highest, next] of [
  [-1, 0],
  [0, 1_000],
  [999, 1_000],
  [1_000, 2_000],
  [123_456, 124_000],
] as const) {
  test(`where logs know producer id ${highest}, the next block begins at ${next}`, async () => {
    const { store } = await clusterOf(1)
    await store.commit((image) => decideProducerIdFloor(image, highest))
    assert.equal(await store.commit(decideProducerIdBlock), next)
    await store.close()
  })
}

test('ids that logs know below the next block change nothing', async () => {
  const { store } = await clusterOf(1)
  await store.commit(decideProducerIdBlock)
  const { revision } = store.image
  await store.commit((image) => decideProducerIdFloor(image, 999))
  assert.equal(store.image.revision, revision)
  await store.close()
})
